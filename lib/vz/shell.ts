/**
 * What a POSIX shell that sources the file assigns on this line: action scripts, the init script and vzmigrate do
 * that. null: it would expand something, run a command, or go on to the next line, so there is no fixed value.
 * `source` is the line as it stands, with `KEY=` at its start.
 */
export function shellValue(source: string): string | null {
  const text = source.replace(/\r$/, '');
  const start = text.indexOf('=') + 1;
  const word = readWord(text, start);
  if (word === null) return null;
  const rest = text.slice(word.end).trimStart();
  // `A=b c` runs the command c; a comment needs white space before it, which ended the word.
  return rest === '' || rest.startsWith('#') ? word.value : null;
}

interface Word {
  readonly value: string;
  readonly end: number;
}

/** XCU 2.2: quoting. */
function readWord(text: string, start: number): Word | null {
  let value = '';
  let at = start;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === ' ' || char === '\t') break;
    if (UNFIXED.includes(char)) return null;
    if (char === "'" || char === '"') {
      const part = char === "'" ? readSingle(text, at + 1) : readDouble(text, at + 1);
      if (part === null) return null;
      value += part.value;
      at = part.end;
    } else if (char === '\\') {
      // At the end of the line it joins the next one.
      if (at + 1 === text.length) return null;
      value += text.charAt(at + 1);
      at += 2;
    } else {
      value += char;
      at += 1;
    }
  }
  return { value, end: at };
}

function readSingle(text: string, start: number): Word | null {
  const end = text.indexOf("'", start);
  return end === -1 ? null : { value: text.slice(start, end), end: end + 1 };
}

function readDouble(text: string, start: number): Word | null {
  let value = '';
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at + 1 };
    if (char === '$' || char === '`') return null;
    const next = text.charAt(at + 1);
    if (char === '\\' && next !== '' && '$`"\\'.includes(next)) {
      value += next;
      at += 1;
    } else {
      value += char;
    }
  }
  return null;
}

/** Unquoted, these expand, end the command or redirect. */
const UNFIXED = '$`;&|<>()';
