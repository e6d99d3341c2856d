import type { ValueParser } from './value.ts';
import { parseAddresses } from './values/addresses.ts';
import { parseDevices, parseDevnodes } from './values/devices.ts';
import { parseNetif } from './values/netif.ts';
import { parseCpuLimit, parseInteger, parseIoLimit, parseLimits, parseMeminfo } from './values/numeric.ts';
import { parseCapabilities, parseFeatures } from './values/switches.ts';
import {
  parseChoice,
  parseFlag,
  parseFloat10,
  parseLayout,
  parseMask,
  parseName,
  parsePath,
  parseText,
} from './values/text.ts';
import { parseIptables, parseNames, parseNetdev, parsePci } from './values/words.ts';

/**
 * What several lines of one key in one file mean:
 *
 * - `first`: the first valid one counts;
 * - `last`: the last valid one counts;
 * - `list`: they add up;
 * - `off-wins`, `on-wins`: switches add up, and of one name set both ways this side counts.
 */
export type Duplicates = 'first' | 'last' | 'list' | 'off-wins' | 'on-wins';

export interface KeyRule {
  readonly parse: ValueParser;
  readonly duplicates: Duplicates;
  /** The key that this one is another name of, or itself. */
  readonly parameter: string;
  /** Keys of one group replace vz.conf's values of the whole group: DEVICES and DEVNODES fill one list. */
  readonly group: string;
  /** vz.conf's value reaches containers. */
  readonly inheritable: boolean;
  /** Steers the host or an old version: parsed as text, of no effect on a container. */
  readonly ignored: boolean;
  /** The value depends on the container's id. */
  readonly usesId: boolean;
}

/** The rule of a key that vzctl of OpenVZ Legacy knows, by its exact name. */
export function ruleFor(key: string): KeyRule | undefined {
  return RULES.get(key);
}

interface RuleOptions extends Partial<Omit<KeyRule, 'parse' | 'duplicates'>> {
  readonly duplicates?: Duplicates;
}

const RULES: ReadonlyMap<string, KeyRule> = new Map([
  // Identity and life cycle.
  ...rules('VEID', parseInteger(), { duplicates: 'last' }),
  ...rules('NAME', parseName),
  ...rules('DESCRIPTION HOSTNAME OSTEMPLATE DEF_OSTEMPLATE ORIGIN_SAMPLE CONFIGFILE', parseText),
  ...rules('ONBOOT DISABLED', parseFlag),
  ...rules('BOOTORDER', parseInteger({ word: true })),
  ...rules('STOP_TIMEOUT', parseInteger({ max: 2147483647n })),
  ...rules('LOCAL_UID LOCAL_GID', parseInteger({ word: true })),
  // Memory and object limits.
  ...rules(
    'LOCKEDPAGES PRIVVMPAGES SHMPAGES PHYSPAGES VMGUARPAGES OOMGUARPAGES SWAPPAGES',
    parseLimits('pages'),
    { duplicates: 'last' },
  ),
  ...rules('KMEMSIZE TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF DCACHESIZE', parseLimits('bytes'), {
    duplicates: 'last',
  }),
  ...rules('DCACHE', parseLimits('bytes'), { duplicates: 'last', parameter: 'DCACHESIZE' }),
  ...rules(
    'NUMPROC NUMTCPSOCK NUMOTHERSOCK NUMFLOCK NUMPTY NUMSIGINFO NUMFILE NUMIPTENT AVNUMPROC',
    parseLimits('items'),
    { duplicates: 'last' },
  ),
  ...rules('IPTENTRIES', parseLimits('items'), { duplicates: 'last', parameter: 'NUMIPTENT' }),
  ...rules('VM_OVERCOMMIT', parseFloat10),
  ...rules('MEMINFO', parseMeminfo, { duplicates: 'last' }),
  // CPU.
  ...rules('CPUUNITS', parseInteger({ min: 8n, max: 500000n })),
  ...rules('CPUUWEIGHT CPUS', parseInteger({ word: true })),
  ...rules('CPULIMIT', parseCpuLimit),
  ...rules('CPUMASK', parseMask(true)),
  ...rules('NODEMASK', parseMask(false)),
  // Disk.
  ...rules('VE_PRIVATE VE_ROOT', parsePath, { usesId: true }),
  ...rules('VE_LAYOUT', parseLayout, { duplicates: 'last', inheritable: false }),
  ...rules('MOUNT_OPTS TEMPLATE', parseText),
  ...rules('NOATIME DISK_QUOTA', parseFlag),
  ...rules('DISKSPACE', parseLimits('kib')),
  ...rules('DISKINODES', parseLimits('inodes')),
  ...rules('QUOTATIME QUOTAUGIDLIMIT', parseInteger({ word: true })),
  ...rules('IOPRIO', parseInteger({ max: 7n }), { duplicates: 'last' }),
  ...rules('IOLIMIT', parseIoLimit, { duplicates: 'last' }),
  ...rules('IOPSLIMIT', parseInteger({ max: 2147483647n }), { duplicates: 'last' }),
  // Network.
  ...rules('IP_ADDRESS', parseAddresses, { duplicates: 'list' }),
  ...rules('NETIF', parseNetif),
  ...rules('NAMESERVER SEARCHDOMAIN', parseNames, { duplicates: 'list' }),
  ...rules('NETDEV', parseNetdev, { duplicates: 'list' }),
  ...rules('IPV6', parseFlag),
  ...rules('NETFILTER', parseChoice(['disabled', 'stateless', 'stateful', 'full']), {
    duplicates: 'last',
    inheritable: false,
  }),
  ...rules('IPTABLES', parseIptables, { duplicates: 'list' }),
  // Devices, capabilities, features.
  ...rules('DEVICES', parseDevices, { duplicates: 'list', group: 'DEVICES' }),
  ...rules('DEVNODES', parseDevnodes, { duplicates: 'list', group: 'DEVICES' }),
  ...rules('PCI', parsePci, { duplicates: 'list' }),
  ...rules('CAPABILITY', parseCapabilities, { duplicates: 'off-wins' }),
  ...rules('FEATURES', parseFeatures, { duplicates: 'on-wins' }),
  // Known and of no effect on a container: the host's side, and what older versions wrote.
  ...rules(
    'VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS ERROR_ON_ARPFAIL SKIP_ARPDETECT FORCE_ROUTE VE0CPUUNITS',
    parseText,
    {
      ignored: true,
    },
  ),
  ...rules(
    'VIRTUOZZO LOCKDIR DUMPDIR LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT VZWDOG IP6TABLES',
    parseText,
    {
      ignored: true,
    },
  ),
  ...rules('IPTABLES_MODULES VE_STOP_MODE VE_PARALLEL SKIP_SYSCTL_SETUP MODULES_DISABLED', parseText, {
    ignored: true,
  }),
  ...rules('CONFIG_CUSTOMIZED VETH', parseText, { ignored: true }),
]);

function rules(keys: string, parse: ValueParser, options: RuleOptions = {}): [string, KeyRule][] {
  const { duplicates = 'first', inheritable = true, ignored = false, usesId = false } = options;
  return keys.split(' ').map((key) => {
    const { parameter = key, group = parameter } = options;
    return [key, { parse, duplicates, parameter, group, inheritable, ignored, usesId }];
  });
}
