import type { FeatureDevice } from '../documents/follow-up.ts';
import type { Context } from './context.ts';
import { convertNetfilter } from './netfilter.ts';
import type { Part } from './parts.ts';
import { decideByParts } from './parts.ts';

interface Features {
  /** Devices that follow-ups add. */
  readonly devices: readonly FeatureDevice[];
  /** Containers may run inside. */
  readonly nesting: boolean;
}

/**
 * FEATURES, with NETFILTER. `bridge` beside a NETFILTER of connection tracking or more is what Docker in a container
 * needs, and hardly anything else does: so both together are `nesting`.
 */
export function convertFeatures(context: Context): Features {
  const { ledger } = context;
  const taken = ledger.all('FEATURES', 'switches');
  const on = new Set(
    taken.flatMap(({ value }) => value.switches.filter((one) => one.on).map(({ name }) => name)),
  );
  const nesting = convertNetfilter(context, { hasBridge: on.has('bridge') });
  for (const { item, value } of taken) {
    const parts = value.switches.map((one): Part => ({ name: one.name, ...fateOf(one, nesting) }));
    decideByParts(ledger, item, parts);
  }
  return { devices: on.has('ppp') ? ['ppp'] : [], nesting };
}

type Fate = Omit<Part, 'name'>;

function fateOf({ name, on }: { readonly name: string; readonly on: boolean }, nesting: boolean): Fate {
  if (!on) return { fate: 'dropped', severity: 'info', text: 'off; not taken away there' };
  if (name === 'bridge' && nesting) return converted('nesting, with NETFILTER');
  return FATES.get(name) ?? { fate: 'dropped', severity: 'minor', text: 'no feature of OpenVZ Legacy' };
}

function converted(text: string): Fate {
  return { fate: 'converted', severity: 'info', text };
}

const TUNNEL: Fate = {
  fate: 'approximated',
  severity: 'minor',
  text: 'works where the target node has the module of the tunnel loaded',
};

const FATES: ReadonlyMap<string, Fate> = new Map([
  ['sysfs', converted('there anyway')],
  ['ppp', converted('device ppp, added by a follow-up')],
  ['bridge', converted('bridges work in its own network namespace')],
  ['sit', TUNNEL],
  ['ipip', TUNNEL],
  ['ipgre', TUNNEL],
  [
    'nfs',
    {
      fate: 'dropped',
      severity: 'major',
      text: 'a user namespace may not mount NFS; mount it on the node, and pass it in with osctl ct mounts new',
    },
  ],
  // Not critical: panels switch it on beside `nfs` for mere clients.
  [
    'nfsd',
    { fate: 'dropped', severity: 'major', text: 'no NFS server of the kernel runs in a user namespace' },
  ],
]);
