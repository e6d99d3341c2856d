import MarkdownIt, { type Token } from 'markdown-it';
import deflist from 'markdown-it-deflist';

export interface PageOptions {
  /** Of the sources, as YYYY-MM-DD. */
  readonly date: string;
  readonly version: string;
}

/**
 * A manual as roff with the man macros (man(7)), which man-db, mandoc and busybox read alike. Of Markdown it knows what the
 * manuals are made of: headings, paragraphs, lists, definition lists, tables, indented code, and code, bold and italics within
 * a line. Throws Error for anything else: it would be missing on the page. The title is `# NAME(SECTION)`.
 *
 * A table becomes a list of its rows by their first cells: four columns do not fit on a terminal.
 */
export function toRoff(markdown: string, { date, version }: PageOptions): string {
  const tokens = new MarkdownIt({ html: false, linkify: false }).use(deflist).parse(markdown, {});
  const [, name, section] = /^# (\S+)\((\d)\)\n/.exec(markdown) ?? [];
  if (name === undefined || section === undefined) throw new Error('the title is not # NAME(SECTION)');
  const title = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${section} ${date} "vz2osctl ${version}"`;
  // Options and paths must not be hyphenated, nor lines be filled with blanks.
  return `${[title, '.nh', '.ad l', ...new Page(tokens).lines()].join('\n')}\n`;
}

class Page {
  readonly #tokens: readonly Token[];
  readonly #lines: string[] = [];
  /** What the next paragraph begins with; a heading and a tag are followed by text without a macro. */
  #macro: string | null = '.PP';
  #depth = 0;
  #head: string[] = [];
  #cells: string[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  lines(): readonly string[] {
    for (const [index, token] of this.#tokens.entries()) this.#take(token, this.#tokens[index + 1]);
    return this.#lines;
  }

  #take(token: Token, next: Token | undefined): void {
    switch (token.type) {
      case 'heading_open':
        if (token.tag !== 'h1') this.#heading(token.tag === 'h2' ? '.SH' : '.SS', next);
        break;
      case 'paragraph_open':
        if (this.#macro !== null) this.#lines.push(this.#macro);
        this.#lines.push(...textLines(next));
        this.#macro = this.#depth > 0 ? '.IP' : '.PP';
        break;
      case 'code_block':
        this.#code(token.content);
        break;
      case 'bullet_list_open':
      case 'ordered_list_open':
      case 'dl_open':
        this.#depth += 1;
        if (this.#depth > 1) this.#lines.push('.RS');
        break;
      case 'bullet_list_close':
      case 'ordered_list_close':
      case 'dl_close':
        this.#depth -= 1;
        if (this.#depth > 0) this.#lines.push('.RE');
        this.#macro = this.#depth > 0 ? '.IP' : '.PP';
        break;
      case 'list_item_open':
        this.#macro = token.info === '' ? '.IP \\(bu 2' : `.IP ${token.info}. 4`;
        break;
      case 'dt_open':
        this.#lines.push('.TP', textLines(next).join(' '));
        break;
      case 'dd_open':
        this.#macro = null;
        break;
      case 'tr_open':
        this.#cells = [];
        break;
      case 'th_open':
      case 'td_open':
        this.#cells.push(textLines(next).join(' '));
        break;
      case 'thead_close':
        this.#head = this.#cells;
        break;
      case 'tr_close':
        if (this.#head.length > 0) this.#row();
        break;
      case 'table_close':
        this.#head = [];
        this.#macro = '.PP';
        break;
      default:
        if (!SILENT.has(token.type)) throw new Error(`the manuals have no ${token.type}: ${token.content}`);
    }
  }

  #heading(macro: string, next: Token | undefined): void {
    this.#lines.push(`${macro} "${textLines(next).join(' ').replaceAll('"', '\\(dq')}"`);
    this.#macro = null;
  }

  #code(content: string): void {
    const lines = content
      .trimEnd()
      .split('\n')
      .map((line) => guarded(escapeText(line)));
    if (this.#macro !== null) this.#lines.push(this.#macro);
    this.#lines.push('.RS 4', '.nf', ...lines, '.fi', '.RE');
    this.#macro = this.#depth > 0 ? '.IP' : '.PP';
  }

  /** Of two columns the second one is the text; of more, each has its heading. */
  #row(): void {
    const [first = '', ...rest] = this.#cells;
    const labelled = rest.map((cell, index) => wrap(`\\fI${this.#head[index + 1]}\\fR: ${cell}`));
    const lines =
      rest.length > 1 ? labelled.flatMap((cell) => ['.br', ...cell]).slice(1) : wrap(rest[0] ?? '');
    this.#lines.push('.TP', first || '\\&', ...lines);
  }
}

/** The text of an inline token, in lines that mandoc does not find too long. */
function textLines(token: Token | undefined): string[] {
  const children = token?.type === 'inline' ? (token.children ?? []) : [];
  return wrap(children.map(inline).join(''));
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/[ \n]+/)) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(guarded(line));
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, guarded(line)];
}

function inline({ type, content }: Token): string {
  switch (type) {
    case 'text':
    case 'text_special':
      return escapeText(content);
    case 'code_inline':
      return `\\fB${escapeText(content)}\\fR`;
    case 'strong_open':
      return '\\fB';
    case 'em_open':
      return '\\fI';
    case 'strong_close':
    case 'em_close':
      return '\\fR';
    case 'softbreak':
      return ' ';
    default:
      throw new Error(`the manuals have no ${type}: ${content}`);
  }
}

/** As it is typed: a dash that can be copied, quotes that are not curled, and what is not ASCII by its number. */
function escapeText(text: string): string {
  return [...text].map((char) => ESCAPES[char] ?? (char > '~' ? unicode(char) : char)).join('');
}

function unicode(char: string): string {
  return `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** A line that begins with a control character would be a request, and one with a blank would break the paragraph. */
function guarded(line: string): string {
  return /^[.' ]/.test(line) ? `\\&${line}` : line;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

const WIDTH = 78;

const SILENT = new Set([
  'inline',
  'heading_close',
  'paragraph_close',
  'list_item_close',
  'dt_close',
  'dd_close',
  'table_open',
  'thead_open',
  'tbody_open',
  'tbody_close',
  'th_close',
  'td_close',
]);
