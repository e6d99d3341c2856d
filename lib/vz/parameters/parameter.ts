import type { Severity } from '../../documents/report.ts';
import type { ValueParser } from '../value.ts';

/**
 * What several lines of one key in one file mean:
 *
 * - `first`: the first valid one counts;
 * - `last`: the last valid one counts;
 * - `list`: they add up;
 * - `off-wins`, `on-wins`: switches add up, and of one name set both ways this side counts.
 */
export type Duplicates = 'first' | 'last' | 'list' | 'off-wins' | 'on-wins';

/** How vzctl of OpenVZ Legacy reads a value. */
export interface Reader {
  /** For the manual: `BARRIER:LIMIT, pages`. */
  readonly form: string;
  readonly parse: ValueParser;
}

/** Why a value, or what is left of it, is not carried over. */
export interface Drop {
  readonly reason: string;
  readonly severity: Severity;
}

/** A row of the table: keys that are read alike and end alike. */
export interface Parameter {
  /** Exact names; a `*` at the end stands for any ending. */
  readonly keys: readonly string[];
  /** null: vzctl of OpenVZ Legacy does not know the keys. */
  readonly reads: Reader | null;
  readonly duplicates: Duplicates;
  /** The key that these are other names of; null: each is its own. */
  readonly aliasOf: string | null;
  /** Keys of one group replace vz.conf's values of the whole group (DEVICES and DEVNODES fill one list); null: each its own. */
  readonly group: string | null;
  /** vz.conf's value reaches containers. */
  readonly inheritable: boolean;
  /** Steers the host or an old version: of no effect on a container. */
  readonly ignored: boolean;
  /** The value depends on the container's id. */
  readonly usesId: boolean;
  /** What vz-to-osctl makes of it, for the manual; null: nothing. */
  readonly becomes: string | null;
  /** What is said of an item that nothing was made of; null: something always is. */
  readonly dropped: Drop | null;
}

/** What a row says beyond its keys and how they are read. */
type Details = Partial<Omit<Parameter, 'keys' | 'reads' | 'dropped'>> & {
  /** The reason, or with its severity, which is `minor` otherwise. */
  readonly dropped?: string | Drop;
};

/** A row for `keys`, which are separated by white space. */
export function parameter(keys: string, reads: Reader | null, details: Details): Parameter {
  const { dropped = null, ...others } = details;
  return {
    keys: keys.trim().split(/\s+/),
    reads,
    duplicates: 'first',
    aliasOf: null,
    group: null,
    inheritable: true,
    ignored: false,
    usesId: false,
    becomes: null,
    ...others,
    dropped: typeof dropped === 'string' ? { reason: dropped, severity: 'minor' } : dropped,
  };
}

export const NO_COUNTERPART = 'no counterpart in vpsAdminOS';
