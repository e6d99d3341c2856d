import { usedItems } from '../documents/effective.ts';
import type { Report } from '../documents/osctl-container.ts';
import type { ItemValue, ItemValueType } from '../documents/values.ts';
import type { ConfigItem, ItemState, VzConfig, Warning } from '../documents/vz-config.ts';
import { unconvertedReason } from './reasons.ts';

/** An item that counts, with its value of the type that was asked for. */
export interface Taken<T extends ItemValueType> {
  readonly item: ConfigItem;
  readonly value: Extract<ItemValue, { type: T }>;
}

/**
 * Keeps what became of each item of one config, so that no key is ever lost without a word:
 *
 * - an item has one fate at most; giving it a second one is a bug;
 * - `report()` has each item exactly once, in the order of the config;
 * - what nobody took is ignored, with the reason it carries or the one of the table.
 */
export class Ledger {
  readonly #config: VzConfig;
  readonly #fates = new Map<ConfigItem, { readonly became: string } | { readonly reason: string }>();
  readonly #warnings: Warning[] = [];

  constructor(config: VzConfig) {
    this.#config = config;
  }

  /** All items of a list key. Values of another type (a document may come from anyone) are ignored with a reason. */
  all<T extends ItemValueType>(key: string, type: T): Taken<T>[] {
    return usedItems(this.#config, key).flatMap((item) => {
      const { value } = item;
      if (value?.type === type) return [{ item, value: value as Extract<ItemValue, { type: T }> }];
      this.ignore(item, `the document has no ${type} value for it`);
      return [];
    });
  }

  /** The item of a key that holds one value. The parser leaves one; of several the last counts, as in a shell. */
  one<T extends ItemValueType>(key: string, type: T): Taken<T> | undefined {
    const taken = this.all(key, type);
    for (const { item } of taken.slice(0, -1)) this.ignore(item, 'a later line counts');
    return taken.at(-1);
  }

  consume(item: ConfigItem, became: string): void {
    this.#decide(item, { became });
  }

  ignore(item: ConfigItem, reason: string): void {
    this.#decide(item, { reason });
  }

  /** `code` is for programs and never changes once released. */
  warn(code: string, text: string, item?: ConfigItem): void {
    this.#warnings.push({ code, text, line: item?.line ?? null });
  }

  /** The warnings of the config come first. */
  report(): Report {
    const report: Report = {
      consumed: [],
      ignored: [],
      warnings: [...this.#config.warnings, ...this.#warnings],
    };
    for (const item of this.#config.items) {
      const { key, raw, line, origin } = item;
      const fate = this.#fates.get(item) ?? { reason: reasonOf(item) };
      if ('became' in fate) report.consumed.push({ key, raw, line, origin, became: fate.became });
      else report.ignored.push({ key, raw, line, origin, reason: fate.reason });
    }
    return report;
  }

  #decide(item: ConfigItem, fate: { readonly became: string } | { readonly reason: string }): void {
    if (this.#fates.has(item)) throw new TypeError(`${item.key} has been decided already`);
    this.#fates.set(item, fate);
  }
}

function reasonOf(item: ConfigItem): string {
  return item.state === 'used' ? unconvertedReason(item) : (item.reason ?? STATE_REASONS[item.state]);
}

const STATE_REASONS: Record<Exclude<ItemState, 'used'>, string> = {
  overridden: 'another line of the same key counts',
  discarded: 'never inherited from vz.conf',
  invalid: 'invalid value, which vzctl takes for absent',
  unknown: 'a key that vzctl does not know',
  rejected: 'not an assignment',
};
