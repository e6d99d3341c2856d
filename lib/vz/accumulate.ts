import type { ItemValue } from '../documents/values.ts';
import type { Entry } from './entry.ts';
import { withItem } from './entry.ts';

/**
 * Lines of one list in one file add up; each keeps what it adds to those before it. An address counts once whatever
 * its prefix, a word once; device permissions are all kept, since their order matters.
 */
export function accumulate(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const before = entry.item.value;
    if (before === null) return entry;
    const value = before.type === 'names' ? addNames(before, seen) : addWords(before, seen);
    if (isEmpty(value) && !isEmpty(before)) {
      const reason = seen.has(INHERIT) ? 'an earlier line begins with inherit' : 'earlier lines say the same';
      return withItem(entry, { state: 'overridden', reason });
    }
    return withItem(entry, { value });
  });
}

/** The value sets nothing: vzctl cannot tell an empty list from an absent one when it merges. */
export function isEmpty(value: ItemValue): boolean {
  switch (value.type) {
    case 'addresses':
      return value.addresses.length === 0;
    case 'names':
      return !value.inherit && value.names.length === 0;
    case 'words':
      return value.words.length === 0;
    case 'netif':
      return value.interfaces.length === 0;
    case 'devices':
      return value.devices.length === 0;
    case 'devnodes':
      return value.nodes.length === 0;
    case 'switches':
      return value.switches.length === 0;
    default:
      return false;
  }
}

type Names = Extract<ItemValue, { type: 'names' }>;

/** `inherit` means the host's file only as the first word of all; later it is a word like any other. */
function addNames(value: Names, seen: Set<string>): ItemValue {
  if (seen.has(INHERIT)) return { ...value, inherit: false, names: [] };
  if (value.inherit && seen.size === 0) {
    seen.add(INHERIT);
    return value;
  }
  const names = value.inherit ? ['inherit'] : value.names;
  return { ...value, inherit: false, names: names.filter((name) => isNew(`name ${name}`, seen)) };
}

function addWords(value: ItemValue, seen: Set<string>): ItemValue {
  if (value.type === 'addresses') {
    return { ...value, addresses: value.addresses.filter(({ address }) => isNew(address, seen)) };
  }
  if (value.type === 'words') return { ...value, words: value.words.filter((word) => isNew(word, seen)) };
  return value;
}

function isNew(word: string, seen: Set<string>): boolean {
  const found = seen.has(word);
  seen.add(word);
  return !found;
}

/** Cannot be a name: those are stored with a prefix. */
const INHERIT = 'inherit';
