import type { Severity } from '../documents/report.ts';
import type { ItemValue } from '../documents/values.ts';
import type { ConfigItem, ItemState } from '../documents/vz-config.ts';
import { isEmpty } from '../vz/accumulate.ts';
import { parameterOf } from '../vz/parameters.ts';
import { meantKey } from '../vz/unknown-keys.ts';

type Untaken = {
  readonly fate: 'dropped' | 'unknown';
  readonly reason: string;
  readonly severity: Severity;
};

/** What is said of an item that no topic took: why it does not count, or the reason of its parameter's row. */
export function fateOfUntaken({ key, value, state, reason }: ConfigItem): Untaken {
  const dropped = parameterOf(key)?.dropped;
  if (state === 'used') {
    if (value !== null && setsNothing(value)) return info('sets nothing');
    // Where the row knows that nothing is lost, it says better why.
    const isHarmless = dropped?.severity === 'info';
    if (value !== null && !isHarmless && setsNoLimit(value)) return info('sets no limit');
    return dropped ? { fate: 'dropped', ...dropped } : info('sets nothing');
  }
  const why = reason ?? STATE_REASONS[state];
  if (state !== 'unknown') return info(why);
  if (dropped) return { fate: 'dropped', reason: why, severity: dropped.severity };
  // As vzctl did not read it, it had no effect; its warning says that one was meant.
  return meantKey(key) === null ? { fate: 'unknown', reason: why, severity: 'minor' } : info(why);
}

/** An empty list or text. */
function setsNothing(value: ItemValue): boolean {
  return isEmpty(value) || (value.type === 'text' && value.text === '');
}

function info(reason: string): Untaken {
  return { fate: 'dropped', reason, severity: 'info' };
}

/** A barrier says nothing where there is no limit. */
function setsNoLimit(value: ItemValue): boolean {
  switch (value.type) {
    case 'cpulimit':
      return value.percent === '0' || value.percent === 'unlimited';
    case 'limits':
      return value.limit === 'unlimited';
    case 'integer':
      return value.number === 'unlimited' || value.number === '0';
    case 'cpumask':
      return value.mask === 'all';
    default:
      return false;
  }
}

const STATE_REASONS: Record<Exclude<ItemState, 'used'>, string> = {
  overridden: 'another line of the same key counts',
  discarded: 'never inherited from vz.conf',
  invalid: 'invalid value, which vzctl takes for absent',
  unknown: 'a key that vzctl does not know',
  rejected: 'not an assignment',
};
