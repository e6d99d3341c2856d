import type { CommandSpec } from '../spec.ts';

export const vzToOsctl: CommandSpec = {
  name: 'vz-to-osctl',
  summary: 'decide what OpenVZ containers become on vpsAdminOS',
  usage: ['[OPTION]... < VZ-CONFIG > OSCTL-CONTAINER'],
  operands: { min: 0, max: 0 },
  flags: [
    { name: 'as-id', value: 'ID', help: 'id on the target (default: the ctid)' },
    { name: 'hostname', value: 'NAME', help: 'hostname instead of HOSTNAME' },
    {
      name: 'netif-type',
      choices: ['bridge', 'routed'],
      value: 'TYPE',
      help: 'how venet addresses come back (bridge)',
    },
    { name: 'netif-name', value: 'NAME', help: 'interface name in the container (eth0)' },
    { name: 'netif-hwaddr', value: 'MAC', help: 'MAC address (default: a new one at each start)' },
    { name: 'bridge-link', value: 'BRIDGE', help: "the target node's bridge (lxcbr0)" },
    { name: 'ipv4-prefix', value: 'BITS', help: 'prefix of IPv4 addresses on a bridge (32)' },
    { name: 'ipv6-prefix', value: 'BITS', help: 'prefix of IPv6 addresses on a bridge (128)' },
    { name: 'gateway-v4', value: 'auto|none|ADDR', help: 'IPv4 gateway on a bridge (auto: its address)' },
    { name: 'gateway-v6', value: 'auto|none|ADDR', help: 'IPv6 gateway on a bridge (auto)' },
    { name: 'route-via', value: 'ADDR', repeatable: true, help: 'accepted for old scripts, without effect' },
    { name: 'user', value: 'NAME', help: 'user of the container, with --uid-map (default: one of its own)' },
    {
      name: 'uid-map',
      value: 'NS:HOST:COUNT',
      repeatable: true,
      help: 'map of uids, gids alike, for --user',
    },
    { name: 'group', value: '/NAME', help: 'group of the container (default: /default)' },
    { name: 'distribution', value: 'NAME', help: 'instead of what the guest or OSTEMPLATE says' },
    { name: 'distribution-version', value: 'VERSION', help: 'likewise' },
    { name: 'arch', choices: ['x86_64', 'x86'], value: 'ARCH', help: 'likewise' },
    {
      name: 'report',
      choices: ['text', 'none'],
      value: 'FORM',
      help: 'the fate of each config item, on stderr (text)',
    },
    { name: 'pretty', help: 'indented JSON' },
    { name: 'schema', help: 'print the JSON Schema of osctl-container' },
  ],
  examples: [
    'vz-parse-config 101 | vz-to-osctl --netif-type routed | vz-rootfs-tar | osctl-bundle > ct-101.tar',
    'vz-parse-config 101 | vz-to-osctl --bridge-link lxcbr0 --ipv4-prefix 24 --pretty',
  ],
};
