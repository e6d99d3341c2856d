import { accumulate, isEmpty } from './accumulate.ts';
import type { Entry } from './entry.ts';
import { place, withItem } from './entry.ts';
import { mergeSwitches } from './switches-merge.ts';

/**
 * Decides which lines count, as vzctl does when it has read vz.conf and then the container's config: repeated keys by
 * their kind within each file, then the container's values in the place of vz.conf's. Returns all entries in the
 * order they came.
 */
export function mergeEntries(container: readonly Entry[], global: readonly Entry[]): Entry[] {
  const all = [...container, ...global];
  const settled = new Map<Entry['line'], Entry>();
  for (const group of groups(all)) {
    if (isAlone(group)) continue;
    for (const entry of settleGroup(group)) settled.set(entry.line, entry);
  }
  return settled.size === 0 ? all : all.map((entry) => settled.get(entry.line) ?? entry);
}

/** Most keys occur once, and then there is nothing to decide, except within a list or for what is not inherited. */
function isAlone(group: readonly Entry[]): boolean {
  const [entry] = group;
  if (group.length > 1 || !entry?.rule) return false;
  const { duplicates, inheritable } = entry.rule;
  return (
    (duplicates === 'first' || duplicates === 'last') && (inheritable || entry.item.origin === 'container')
  );
}

/** Entries that could count, by what they set. */
function groups(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.rule === null || entry.item.state !== 'used') continue;
    const group = found.get(entry.rule.group);
    if (group) group.push(entry);
    else found.set(entry.rule.group, [entry]);
  }
  return found.values();
}

function settleGroup(group: readonly Entry[]): Entry[] {
  const container = group.filter(({ item }) => item.origin === 'container');
  const global = group.filter(({ item }) => item.origin === 'global');
  const rule = group[0]?.rule;
  if (rule?.inheritable === false) {
    return [...settleDuplicates(container), ...global.map(discard)];
  }
  if (rule?.duplicates === 'off-wins') return mergeSwitches(container, global, 'off');
  if (rule?.duplicates === 'on-wins') return mergeSwitches(container, global, 'on');
  return inherit(settleDuplicates(container), settleDuplicates(global));
}

function settleDuplicates(entries: readonly Entry[]): Entry[] {
  const duplicates = entries[0]?.rule?.duplicates;
  if (duplicates === 'list') {
    const keys = new Set(entries.map(({ item }) => item.key));
    return [...keys].flatMap((key) => accumulate(entries.filter(({ item }) => item.key === key)));
  }
  const winner = duplicates === 'last' ? entries.at(-1) : (entries.find(setsSomething) ?? entries[0]);
  return entries.map((entry) =>
    entry === winner || winner === undefined
      ? entry
      : withItem(entry, {
          state: 'overridden',
          reason: `given twice: vzctl takes the ${duplicates} one, ${place(winner)}`,
        }),
  );
}

/** An empty list of the container is no list to vzctl, and leaves vz.conf's in force. */
function inherit(container: readonly Entry[], global: readonly Entry[]): Entry[] {
  const own = container.find(setsSomething);
  if (own) {
    const reason = `the container's own counts, ${place(own)}`;
    return [...container, ...global.map((entry) => override(entry, reason))];
  }
  const inherited = global.find(setsSomething);
  if (!inherited) return [...container, ...global];
  const reason = `an empty list sets nothing: ${place(inherited)} counts`;
  return [...container.map((entry) => override(entry, reason)), ...global];
}

function setsSomething({ item }: Entry): boolean {
  return item.state === 'used' && item.value !== null && !isEmpty(item.value);
}

function override(entry: Entry, reason: string): Entry {
  return entry.item.state === 'used' ? withItem(entry, { state: 'overridden', reason }) : entry;
}

function discard(entry: Entry): Entry {
  const reason =
    entry.rule?.parameter === 'VE_LAYOUT'
      ? 'only the default for new containers: the layout of this one is found on disk'
      : 'vzctl takes this from the container only';
  return withItem(entry, { state: 'discarded', reason });
}
