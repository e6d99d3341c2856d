import { oneLine } from '../errors.ts';

/**
 * `a, b and 3 more`, for a warning. Names of a container's files may hold anything: control characters are escaped, and
 * long ones cut.
 */
export function listing(
  items: readonly string[],
  { most = 20, separator = ', ' }: { readonly most?: number; readonly separator?: string } = {},
): string {
  const shown = items.slice(0, most).map((item) => shorten(oneLine(item)));
  const rest = items.length - shown.length;
  return rest > 0 ? `${shown.join(separator)} and ${rest} more` : shown.join(separator);
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

const LONGEST = 120;
