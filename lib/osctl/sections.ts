import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';
import { compactScript } from './script.ts';
import sectionScript from './section.sh';

/** What one command of an inspection script printed, and how it ended. */
export interface Section {
  readonly output: string;
  readonly code: number;
  /** The last line on its stderr. */
  readonly message: string;
}

/** Runs an inspection script on a node. Throws VzError (69) unless it came to its end. */
export async function runSections(
  host: Host,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Section>> {
  const result = await run(
    host,
    ['sh', '-c', compactScript(`${sectionScript}\n${script}`), 'osctl-import', ...args],
    { signal },
  );
  if (result.code !== 0) {
    signal.throwIfAborted();
    throw new VzError('NODE_CHECK', {
      exit: EXIT.unavailable,
      where: host.label,
      what: `the check of the node ${describeExit(result)}`,
    });
  }
  return parseSections(result.stdout.toString());
}

/** `>> NAME`, the output, `<< EXIT MESSAGE`. */
export function parseSections(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>();
  for (const match of text.matchAll(/^>> (\w+)\n([\s\S]*?)\n?^<< (\d+) (.*)$/gm)) {
    const [, name = '', output = '', code, message = ''] = match;
    sections.set(name, { output: output.trimEnd(), code: Number(code), message });
  }
  return sections;
}

/** The rows of a list that `osctl -j` printed; null: it failed or said something else. */
export function readRows(section: Section | undefined): unknown[] | null {
  if (section?.code !== 0) return null;
  try {
    const value: unknown = JSON.parse(section.output);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
