const COLUMNS = 80;

/**
 * Wraps a paragraph of ASCII text at 80 columns behind `head`, its other lines indented by `indent` columns, at least
 * as many as the head has. A word too long for a line is broken. Runs of blanks become one.
 */
export function wrap(head: string, paragraph: string, indent = head.length): string {
  const lines: string[] = [];
  const room = (): number => COLUMNS - (lines.length === 0 ? head.length : indent);
  let line = '';
  for (const word of paragraph
    .split(/ +/)
    .filter(Boolean)
    .flatMap((text) => pieces(text, COLUMNS - indent))) {
    if (line !== '' && line.length + 1 + word.length > room()) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines
    .map((text, index) => `${`${index === 0 ? head : ' '.repeat(indent)}${text}`.trimEnd()}\n`)
    .join('');
}

function pieces(word: string, room: number): string[] {
  const count = Math.ceil(word.length / room);
  return Array.from({ length: count }, (_, index) => word.slice(index * room, (index + 1) * room));
}
