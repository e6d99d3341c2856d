/** Something that several entries have: how many, and the first few. */
export interface Occurrences {
  count: number;
  readonly examples: string[];
}

export interface TarListing {
  files: number;
  /** The end-of-archive blocks were there. */
  ended: boolean;
  /** Blocks of 512 bytes up to the end of file. */
  blocks: number;
  /** Entries behind the end blocks, which tar would not unpack without being told to. */
  readonly behindEnd: Occurrences;
  /** Entries with an owner or group of 65536 and above, which a container's id map cannot hold. */
  readonly foreignIds: Occurrences;
  /** Entries that carry user or group names, which tar on the node would look up in the node's passwd. */
  readonly ownerNames: Occurrences;
  /** Absolute names, and names with `..`. */
  readonly badNames: Occurrences;
  /** Lines that are no entry that we know. */
  readonly oddLines: Occurrences;
}

/** Judges the lines of `tar -tviR --quoting-style=escape` (LC_ALL=C) as they come. */
export class TarListingReader {
  readonly listing: TarListing = {
    files: 0,
    ended: false,
    blocks: 0,
    behindEnd: { count: 0, examples: [] },
    foreignIds: { count: 0, examples: [] },
    ownerNames: { count: 0, examples: [] },
    badNames: { count: 0, examples: [] },
    oddLines: { count: 0, examples: [] },
  };
  #partial = '';

  push(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    // A name without end must not fill the memory; its line is judged in pieces, and so is odd.
    if (this.#partial.length > MAX_LINE_CHARS) lines.push(this.#partial.slice(0, MAX_LINE_CHARS));
    if (this.#partial.length > MAX_LINE_CHARS) this.#partial = '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line.endsWith('** Block of NULs **')) {
      this.listing.ended = true;
      return;
    }
    const end = END_OF_FILE.exec(line);
    if (end) {
      this.listing.blocks = Number(end[1]);
      return;
    }
    const match = ENTRY.exec(line);
    if (!match) {
      note(this.listing.oddLines, line);
      return;
    }
    const { type = '', owner = '', group = '', rest = '' } = match.groups ?? {};
    const name = entryName(type, rest);
    this.listing.files += 1;
    if (this.listing.ended) note(this.listing.behindEnd, name);
    if (!isNumber(owner) || !isNumber(group)) note(this.listing.ownerNames, `${owner}:${group} ${name}`);
    else if (Number(owner) > MAX_ID || Number(group) > MAX_ID) {
      note(this.listing.foreignIds, `${owner}:${group} ${name}`);
    }
    if (name.startsWith('/') || name.split('/').includes('..')) note(this.listing.badNames, name);
  }
}

/** Links show their target behind the name. */
function entryName(type: string, rest: string): string {
  const arrow = type === 'l' ? rest.indexOf(' -> ') : type === 'h' ? rest.indexOf(' link to ') : -1;
  return arrow === -1 ? rest : rest.slice(0, arrow);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function note(occurrences: Occurrences, example: string): void {
  occurrences.count += 1;
  if (occurrences.examples.length < MAX_EXAMPLES)
    occurrences.examples.push(example.slice(0, MAX_EXAMPLE_CHARS));
}

/**
 * `block 3: -rw-r--r-- 0/0  3 2024-01-01 10:00 ./name`. The size of a device is `1,3`. A time that does not fit a
 * calendar is shown as a bare number.
 */
const ENTRY =
  /^block \d+: (?<type>\S)\S{9} (?<owner>.+?)\/(?<group>.+?) +\d+(?:,\d+)? (?:-?\d+-\d\d-\d\d \d\d:\d\d|-?\d+) +(?<rest>.*)$/;

const END_OF_FILE = /^block (\d+): \*\* End of File \*\*$/;

/** The containers that osctld makes map 0..65535. */
const MAX_ID = 65535;
const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_CHARS = 200;
const MAX_LINE_CHARS = 1024 * 1024;
