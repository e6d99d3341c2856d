import type { Fix } from './fix.ts';
import type { Selected } from './select.ts';

/** The fixes as a text for people: what each looks at, changes, and why. */
export function listFixes(selected: readonly Selected[]): string {
  return selected
    .map(({ fix, skipped }) => {
      return `${fix.id}${skipped ? ' (skipped)' : ''}
  for       ${forWhom(fix)}
  looks at  ${fix.looksAt}
  changes   ${fix.changes}
  why       ${fix.why}
  source    ${fix.source}
`;
    })
    .join('\n');
}

/** Distributions and versions, in words. */
export function forWhom({ distributions, versions }: Fix): string {
  const names = distributions?.filter((name) => name !== 'other') ?? [];
  if (names.length === 0) return versions;
  return versions === 'any' ? names.join(', ') : `${names.join(', ')}: ${versions}`;
}
