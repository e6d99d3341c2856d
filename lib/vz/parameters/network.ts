import { NO_COUNTERPART, type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

export const NETWORK: readonly Parameter[] = [
  parameter('IP_ADDRESS', read.addresses, {
    duplicates: 'list',
    becomes: 'one interface with these addresses, as `--netif-type` says',
  }),
  parameter('NETIF', read.netif, { becomes: 'a bridged interface for each, with its name and MAC address' }),
  parameter('NAMESERVER', read.names, { duplicates: 'list', becomes: '`dns_resolvers`' }),
  parameter('SEARCHDOMAIN', read.names, {
    duplicates: 'list',
    becomes: 'attribute `vz2osctl:searchdomain`',
  }),
  parameter('NETDEV', read.hostInterfaces, {
    duplicates: 'list',
    dropped: { reason: `${NO_COUNTERPART}: no device of the host is moved in`, severity: 'critical' },
  }),
  parameter('IPV6', read.flag, {
    dropped: { reason: 'a setting of the OpenVZ node, not of the container', severity: 'info' },
  }),
  parameter('NETFILTER', read.netfilter, {
    duplicates: 'last',
    inheritable: false,
    becomes: 'with `bridge` of `FEATURES`, `nesting`',
    dropped: { reason: 'each container has all of netfilter that the node has loaded', severity: 'info' },
  }),
  parameter('IPTABLES', read.modules, {
    duplicates: 'list',
    dropped: { reason: 'each container has all of netfilter that the node has loaded', severity: 'info' },
  }),
  parameter('VETH', read.text, {
    ignored: true,
    dropped: { reason: 'obsolete; vzctl ignores it too', severity: 'info' },
  }),
  parameter(
    'VZHOSTBR BRIDGEDEV_* VETH_IP_ADDRESS VETH_IP_ADDRESS_* VE_DEFAULT_GATEWAY VE_DEFAULT_GATEWAY_* EXTERNAL_SCRIPT',
    null,
    {
      dropped: {
        reason:
          'read by site scripts, not by vzctl: --bridge-map, --ip and the gateway options say it to vpsAdminOS',
        severity: 'major',
      },
    },
  ),
];
