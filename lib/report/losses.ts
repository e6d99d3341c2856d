import type { Severity } from '../documents/report.ts';
import type { Finding } from './finding.ts';
import { bySeverity, isAtLeast } from './finding.ts';

/** One thing that is lost, and who loses it. */
export interface Loss {
  readonly severity: Severity;
  readonly fate: Finding['fate'];
  readonly codes: readonly string[];
  readonly keys: readonly string[];
  /** What is said of it, of the first container. */
  readonly text: string;
  /** Other containers are told something else. */
  readonly varies: boolean;
  /** Places of the containers in `Fleet.members`, rising. */
  readonly who: readonly number[];
}

/**
 * Gathers losses over all containers. Warnings are one loss by their code, items by key, fate and severity: their
 * texts hold numbers and names that differ.
 */
export class Losses {
  readonly #losses = new Map<string, Gathered>();

  add(findings: readonly Finding[], place: number): void {
    for (const finding of findings) {
      const { severity, fate, codes, items, text } = finding;
      const keys = fate === 'warning' ? [] : items.map(({ key }) => key);
      const identity = JSON.stringify([severity, fate, codes, keys]);
      const known = this.#losses.get(identity);
      if (!known) {
        this.#losses.set(identity, { severity, fate, codes, keys, text, varies: false, who: [place] });
        continue;
      }
      if (known.text !== text) known.varies = true;
      if (known.who.at(-1) !== place) known.who.push(place);
    }
  }

  /**
   * The worst first, then the most frequent. Keys that are lost for the same reason are one row: minor ones, of which
   * the beancounters are a score, whoever loses them; others where the same containers do.
   */
  all(): Loss[] {
    const merged = new Map<string, Loss & { readonly keys: string[]; who: readonly number[] }>();
    for (const [identity, loss] of this.#losses) {
      const { severity, fate, codes, text, varies, who } = loss;
      const key =
        varies || codes.length > 0
          ? identity
          : JSON.stringify([severity, fate, text, isAtLeast(severity, 'major') ? who : null]);
      const same = merged.get(key);
      if (same) {
        same.keys.push(...loss.keys.filter((one) => !same.keys.includes(one)));
        same.who = [...new Set([...same.who, ...who])].sort((a, b) => a - b);
      } else merged.set(key, { ...loss, keys: [...loss.keys] });
    }
    return [...merged.values()].sort(
      (a, b) =>
        Number(b.fate === 'failed') - Number(a.fate === 'failed') ||
        bySeverity(a.severity, b.severity) ||
        b.who.length - a.who.length,
    );
  }
}

interface Gathered extends Loss {
  varies: boolean;
  readonly who: number[];
}
