/**
 * Whether a path below the root is left out: one of the patterns fits it, or a directory above it. As GNU tar has it with
 * --anchored --wildcards: `*` matches slashes too. Names are bytes, each a character.
 */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(toExpression);
  return (path) => {
    if (expressions.length === 0) return false;
    const parts = path.split('/');
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return expressions.some((expression) => above.some((one) => expression.test(one)));
  };
}

function toExpression(pattern: string): RegExp {
  const bytes = Buffer.from(pattern.replace(/^(?:\.?\/)+/, '')).toString('latin1');
  const text = bytes.replace(/\\([\s\S])|\[!?\]?[^\]]*\]|[\s\S]/g, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    if (token === '*') return '[\\s\\S]*';
    if (token === '?') return '[\\s\\S]';
    return token.length > 1
      ? `[${token
          .slice(1, -1)
          .replace(/^!/, '^')
          .replace(/[\\\]]/g, '\\$&')}]`
      : literal(token);
  });
  return new RegExp(`^${text}$`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
