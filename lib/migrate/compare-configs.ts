import type { ConfigItem } from '../documents/vz-config.ts';
import { parseConfig } from '../vz/parse-config.ts';

export interface ConfigsToCompare {
  readonly before: Buffer;
  readonly now: Buffer;
  readonly ctid: string;
  readonly pageSize: number;
  /** Keys whose value may differ. */
  readonly ignored: ReadonlySet<string>;
}

/**
 * What has changed in a container's config, by what its lines say to vzctl: not their order, comments or spelling. Lines for
 * people: `added IP_ADDRESS=10.0.0.5`, `removed …`, `changed PHYSPAGES: 0:65536 → 0:131072`. vz.conf is not looked at. Pure.
 */
export function compareConfigs({ before, now, ignored, ...context }: ConfigsToCompare): string[] {
  const [old, fresh] = [before, now].map((container) =>
    byKey(parseConfig({ ...context, container, global: null }).items),
  );
  if (!old || !fresh) return [];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].filter((key) => !ignored.has(key));
  return keys.flatMap((key) => compareKey(key, old.get(key) ?? [], fresh.get(key) ?? []));
}

/** Those that count, and those that vzctl cannot read: what it would make of them may differ by its version. */
function byKey(items: readonly ConfigItem[]): Map<string, ConfigItem[]> {
  const found = new Map<string, ConfigItem[]>();
  for (const item of items) {
    if (item.state === 'overridden' || item.state === 'rejected') continue;
    found.set(item.key, [...(found.get(item.key) ?? []), item]);
  }
  return found;
}

function compareKey(key: string, before: readonly ConfigItem[], now: readonly ConfigItem[]): string[] {
  if ([...before, ...now].every(isList)) return compareLists(key, before.flatMap(words), now.flatMap(words));
  const [old, fresh] = [before, now].map((items) => items.map(meaning).join('\n'));
  if (old === fresh) return [];
  const [oldText, freshText] = [before, now].map((items) => items.map(({ raw }) => raw).join(' '));
  if (before.length === 0) return [`added ${key}=${freshText}`];
  if (now.length === 0) return [`removed ${key}=${oldText}`];
  return [`changed ${key}: ${oldText} → ${freshText}`];
}

function compareLists(key: string, before: readonly string[], now: readonly string[]): string[] {
  const removed = before.filter((word) => !now.includes(word)).map((word) => `removed ${key}=${word}`);
  return [...removed, ...now.filter((word) => !before.includes(word)).map((word) => `added ${key}=${word}`)];
}

function isList({ value }: ConfigItem): boolean {
  return value !== null && LISTS.has(value.type);
}

/** What a list is made of: addresses and words are parted by blanks, interfaces by semicolons. */
function words({ raw }: ConfigItem): string[] {
  return raw.split(/[\s;]+/).filter((word) => word !== '');
}

function meaning({ value, raw }: ConfigItem): string {
  return value === null ? raw : JSON.stringify(value);
}

const LISTS: ReadonlySet<string> = new Set([
  'addresses',
  'names',
  'words',
  'netif',
  'devices',
  'devnodes',
  'switches',
]);
