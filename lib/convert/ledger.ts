import { usedItems } from '../documents/effective.ts';
import type { Report, Severity } from '../documents/report.ts';
import type { ItemValue, ItemValueType } from '../documents/values.ts';
import type { ConfigItem, VzConfig } from '../documents/vz-config.ts';
import { fateOfUntaken } from './untaken.ts';
import type { WarningCode } from './warning-codes.ts';
import { severityOf, WARNINGS } from './warning-codes.ts';

/** An item that counts, with its value of the type that was asked for. */
export interface Taken<T extends ItemValueType> {
  readonly item: ConfigItem;
  readonly value: Extract<ItemValue, { type: T }>;
}

/** What became of an item, as the report says it. */
export type ItemFate =
  | Pick<Report['consumed'][number], 'fate' | 'became' | 'severity'>
  | Pick<Report['ignored'][number], 'fate' | 'reason' | 'severity'>;

/**
 * Keeps what became of each item of one config, so that no key is ever lost without a word:
 *
 * - an item has one fate at most; giving it a second one is a bug;
 * - `report()` has each item exactly once, in the order of the config;
 * - what nobody took is dropped, with the reason it carries or the one of its parameter.
 */
export class Ledger {
  readonly #config: VzConfig;
  readonly #fates = new Map<ConfigItem, ItemFate>();
  readonly #warnings: Report['warnings'] = [];

  constructor(config: VzConfig) {
    this.#config = config;
  }

  /** All items of a list key. Values of another type (a document may come from anyone) are ignored with a reason. */
  all<T extends ItemValueType>(key: string, type: T): Taken<T>[] {
    return usedItems(this.#config, key).flatMap((item) => {
      const { value } = item;
      if (value?.type === type) return [{ item, value: value as Extract<ItemValue, { type: T }> }];
      this.#dropUndecided(item, `the document has no ${type} value for it`);
      return [];
    });
  }

  /** The item of a key that holds one value. The parser leaves one; of several the last counts, as in a shell. */
  one<T extends ItemValueType>(key: string, type: T): Taken<T> | undefined {
    const taken = this.all(key, type);
    for (const { item } of taken.slice(0, -1)) this.#dropUndecided(item, 'a later line counts');
    return taken.at(-1);
  }

  /** Nothing is lost. */
  convert(item: ConfigItem, became: string): void {
    this.#decide(item, { fate: 'converted', became, severity: 'info' });
  }

  /** It became something like it; `became` says what differs. */
  approximate(item: ConfigItem, became: string, severity: Severity = 'minor'): void {
    this.#decide(item, { fate: 'approximated', became, severity });
  }

  /** Nothing was made of it. `info`: and nothing had to be. */
  drop(item: ConfigItem, reason: string, severity: Severity = 'info'): void {
    this.#decide(item, { fate: 'dropped', reason, severity });
  }

  warn(code: WarningCode, text: string, item?: ConfigItem): void {
    this.#warnings.push({ code, text, line: item?.line ?? null, severity: WARNINGS[code].severity });
  }

  /** The warnings of the config come first. */
  report(): Report {
    const ofConfig = this.#config.warnings.map((warning) => ({
      ...warning,
      severity: severityOf(warning.code),
    }));
    const report: Report = { consumed: [], ignored: [], warnings: [...ofConfig, ...this.#warnings] };
    for (const item of this.#config.items) {
      const { key, raw, line, origin } = item;
      const fate = this.#fates.get(item) ?? fateOfUntaken(item);
      if ('became' in fate) report.consumed.push({ key, raw, line, origin, ...fate });
      else report.ignored.push({ key, raw, line, origin, ...fate });
    }
    return report;
  }

  /** Two topics may read one key. */
  #dropUndecided(item: ConfigItem, reason: string): void {
    if (!this.#fates.has(item)) this.drop(item, reason);
  }

  #decide(item: ConfigItem, fate: ItemFate): void {
    if (this.#fates.has(item)) throw new TypeError(`${item.key} has been decided already`);
    this.#fates.set(item, fate);
  }
}
