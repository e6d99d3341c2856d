import type { Context } from './context.ts';
import type { Part } from './parts.ts';
import { decideByParts } from './parts.ts';

/**
 * CAPABILITY, of which nothing can be set: root of a user namespace holds every capability over what belongs to that
 * namespace, and none over what is the node's (user_namespaces(7)). So some are there, some only in part, and some
 * never.
 */
export function convertCapabilities({ ledger }: Context): void {
  for (const { item, value } of ledger.all('CAPABILITY', 'switches')) {
    const parts = value.switches.map((one): Part => ({ name: one.name, ...fateOf(one) }));
    decideByParts(ledger, item, parts);
  }
}

type Fate = Omit<Part, 'name'>;

function fateOf({ name, on }: { readonly name: string; readonly on: boolean }): Fate {
  const fate = FATES.get(name);
  if (on) return fate ?? { fate: 'converted', severity: 'info', text: 'there within its user namespace' };
  if (fate?.fate === 'dropped')
    return { fate: 'dropped', severity: 'info', text: 'off, and not there either' };
  if (OFF_BY_DEFAULT.has(name)) return { fate: 'dropped', severity: 'info', text: 'off, as by default' };
  return { fate: 'dropped', severity: 'minor', text: 'not taken away: it only counts in its own namespaces' };
}

function never(text: string, severity: Part['severity']): Fate {
  return { fate: 'dropped', severity, text };
}

function partly(text: string): Fate {
  return { fate: 'approximated', severity: 'minor', text };
}

const OF_OPENVZ = never('a capability of the OpenVZ kernel, which the guest does not need there', 'info');

/** All others are there within the user namespace. */
const FATES: ReadonlyMap<string, Fate> = new Map([
  ['SYS_MODULE', never('no kernel module can be loaded from inside; load it on the node', 'major')],
  ['SYS_RAWIO', never('no raw access to the hardware of the node', 'major')],
  ['SYS_TIME', never("the clock is the node's, and cannot be set from inside", 'major')],
  ['MKNOD', never('device nodes cannot be made freely; osctl ct devices add gives devices', 'major')],
  ['SYS_PACCT', never('process accounting is for the node only', 'minor')],
  ['AUDIT_WRITE', never('the audit log of the node takes nothing from inside', 'minor')],
  ['VE_ADMIN', OF_OPENVZ],
  ['SETVEID', OF_OPENVZ],
  ['FS_MASK', OF_OPENVZ],
  ['SYS_ADMIN', partly('over its own namespaces only: no mounts of disks')],
  ['SYS_NICE', partly('priorities cannot be raised')],
  ['SYS_RESOURCE', partly('hard limits cannot be raised')],
  ['SYS_TTY_CONFIG', partly('consoles of the node cannot be configured')],
  ['IPC_LOCK', partly('within its prlimit memlock')],
  ['LEASE', partly('on files of the own user only')],
  ['LINUX_IMMUTABLE', partly('the immutable flag of files cannot be changed')],
]);

/** OpenVZ's default set is all the others. */
const OFF_BY_DEFAULT: ReadonlySet<string> = new Set([
  'NET_ADMIN',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_TIME',
]);
