import { isPlainText } from '../../documents/plain-text.ts';

/**
 * What `zfs diff -H` prints, as lines for people: `M PATH`, `+ PATH`, `- PATH`, `R PATH -> PATH`. It escapes every byte that is
 * no printable ASCII, blanks and backslashes too, as \0NNN. What a terminal shows is shown; the rest stays escaped, as
 * backslashes do, so that `printf %b` makes the name of it. Pure.
 */
export function readZfsDiff(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [kind, path, ...more] = line.split('\t');
    if (!kind || path === undefined) return [];
    // Of a renamed file its new path; behind one that has more or fewer links than before, how many: (+1).
    const rest = kind === 'R' ? more.map((to) => `-> ${readable(to)}`) : more;
    return [[kind, readable(path), ...rest].join(' ')];
  });
}

function readable(path: string): string {
  return path.replace(/(?:\\0[0-3][0-7]{2})+/g, (escaped) => {
    const bytes = escaped.split('\\').slice(1);
    const text = Buffer.from(bytes.map((octal) => Number.parseInt(octal, 8))).toString();
    return isPlainText(text) && !/[\\\ufffd]/.test(text) ? text : escaped;
  });
}
