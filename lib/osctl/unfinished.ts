import type { ShownContainer } from './node-state.ts';

/** What `direct.sh` sets on a container that is not whole yet: the process that makes it, and the word of its run. */
export interface ImportMark {
  readonly pid: string;
  readonly word: string;
}

/** The mark of an import that goes on, or was cut off; null for a container that has none. */
export function importMark(container: ShownContainer | null): ImportMark | null {
  const value = container?.[MARK];
  const [, pid, word] = (typeof value === 'string' ? MARK_VALUE.exec(value) : null) ?? [];
  return pid === undefined || word === undefined ? null : { pid, word };
}

const MARK = 'vz2osctl:incoming';
const MARK_VALUE = /^(\d+):([0-9a-f-]{36})$/;
