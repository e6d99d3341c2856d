import type { Entry, Verdict } from './entry.ts';
import { visibleJson } from './escape.ts';
import { groupFindings, isAtLeast } from './finding.ts';
import type { Format, FormatOptions } from './format.ts';
import type { Result } from './result.ts';
import { namesOf, placesOf } from './result.ts';

/**
 * For programs: one document. Containers are written as they come, and so without a verdict: what occurs twice
 * is known at the end, and a wrong verdict in a place where it is looked for would be worse than none.
 */
export class JsonFormat implements Format {
  readonly #options: FormatOptions;
  #isFirst = true;

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  begin(): string {
    const { by, least } = this.#options;
    const head = fields({ kind: 'vz-report', schema: 1, by, minSeverity: least });
    return `{\n${head}${by === 'container' ? ',\n  "containers": [' : ''}`;
  }

  container(entry: Entry): string {
    const { name, node, ctid, id, hostname, file, failed, followUps, findings } = entry;
    const shown = groupFindings(findings.filter(({ severity }) => isAtLeast(severity, this.#options.least)));
    const value = {
      name,
      node,
      ctid,
      id,
      hostname,
      file,
      failed,
      findings: shown,
      followUps,
      notShown: findings.filter(({ severity }) => !isAtLeast(severity, this.#options.least)).length,
    };
    const comma = this.#isFirst ? '' : ',';
    this.#isFirst = false;
    return `${comma}\n    ${indented(value, 4)}`;
  }

  *end(result: Result): Generator<string> {
    const { by } = this.#options;
    const verdicts = byVerdictNames(result, (verdict) => placesOf(result, verdict));
    const summary = {
      containers: result.members.length,
      clean: verdicts.clean.length,
      needsAPerson: verdicts.needsAPerson.length,
      blocked: verdicts.blocked.length,
      failed: verdicts.failed.length,
    };
    if (by === 'container') yield this.#isFirst ? ']' : '\n  ]';
    const named = ({ who, ...row }: { readonly who: readonly number[] }): object => ({
      ...row,
      containers: namesOf(result, who),
    });
    if (by === 'loss') yield* rows('losses', result.losses, named);
    if (by === 'node') {
      yield* rows('nodes', result.nodes, ({ node, worst, byVerdict }) => ({
        node,
        worst,
        ...byVerdictNames(result, (verdict) => byVerdict[verdict]),
      }));
    }
    yield* rows('fleet', result.fleet, named);
    yield `,\n${fields({ verdicts, summary })}\n}\n`;
  }
}

/** A list with a row a part, so that only one of them is there twice. */
function* rows<T>(name: string, list: readonly T[], show: (row: T) => object): Generator<string> {
  yield `,\n  ${JSON.stringify(name)}: [`;
  for (const [index, row] of list.entries()) yield `${index > 0 ? ',' : ''}\n    ${indented(show(row), 4)}`;
  yield list.length > 0 ? '\n  ]' : ']';
}

interface VerdictNames {
  readonly clean: string[];
  readonly needsAPerson: string[];
  readonly blocked: string[];
  readonly failed: string[];
}

function byVerdictNames(result: Result, places: (verdict: Verdict) => readonly number[]): VerdictNames {
  const names = (verdict: Verdict): string[] => namesOf(result, places(verdict));
  return {
    clean: names('clean'),
    needsAPerson: names('needs a person'),
    blocked: names('blocked'),
    failed: names('failed'),
  };
}

/** The fields of an object that is written in parts. */
function fields(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${indented(value, 2)}`)
    .join(',\n');
}

function indented(value: unknown, by: number): string {
  return visibleJson(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${' '.repeat(by)}`);
}
