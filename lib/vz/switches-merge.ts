import type { ItemValue } from '../documents/values.ts';
import type { Entry } from './entry.ts';
import { withItem } from './entry.ts';

type Switch = Extract<ItemValue, { type: 'switches' }>['switches'][number];

/**
 * CAPABILITY and FEATURES. Lines add up; what a container switches on replaces all that vz.conf switches on, and
 * likewise what it switches off. Of a name that is then both, `winner` counts. Each entry keeps the switches that
 * count and that no earlier one has.
 */
export function mergeSwitches(
  container: readonly Entry[],
  global: readonly Entry[],
  winner: 'on' | 'off',
): Entry[] {
  const own = container.flatMap(switchesOf);
  const replaced = { on: own.some(({ on }) => on), off: own.some(({ on }) => !on) };
  const inherited = (one: Switch): boolean => !(one.on ? replaced.on : replaced.off);
  const effective = [...own, ...global.flatMap(switchesOf).filter(inherited)];
  const winning = new Set(effective.filter(({ on }) => on === (winner === 'on')).map(({ name }) => name));
  const counts = (one: Switch): boolean => one.on === (winner === 'on') || !winning.has(one.name);
  const seen = new Set<string>();
  const settle = (entry: Entry, isCandidate: (one: Switch) => boolean, why: string): Entry => {
    const before = switchesOf(entry);
    const switches = before.filter((one) => isCandidate(one) && counts(one) && isNew(one.name, seen));
    if (switches.length === 0 && before.length > 0) {
      return withItem(entry, { state: 'overridden', reason: why });
    }
    return withItem(entry, { value: { type: 'switches', switches } });
  };
  const losing = `other lines say the same, or ${winner}, which wins`;
  return [
    ...container.map((entry) => settle(entry, () => true, losing)),
    ...global.map((entry) => settle(entry, inherited, "the container's own line counts")),
  ];
}

function switchesOf({ item }: Entry): readonly Switch[] {
  return item.value?.type === 'switches' ? item.value.switches : [];
}

function isNew(name: string, seen: Set<string>): boolean {
  const found = seen.has(name);
  seen.add(name);
  return !found;
}
