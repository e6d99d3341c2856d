import { resolve } from 'node:path';
import type { HostReference } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';

/** The part of a reference that an operand tells; the rest is the same for all of a run. */
export type HostAddress = Pick<HostReference, 'user' | 'name' | 'port'>;

/** What an operand names: data on stdin, a file here, a container by id or by name on some node, or one that no node runs. */
export type Operand =
  /** `dir:PREFIX:CT`: disks of a dead node. */
  | { readonly kind: 'dead'; readonly prefix: string; readonly name: string }
  /** `vzdump:FILE`. */
  | { readonly kind: 'vzdump'; readonly file: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'container'; readonly host: HostAddress | null; readonly name: string };

/**
 * `-`, a file (with `/`, or ending in `.conf`), `101` or a name, `[USER@]HOST:101`, `ssh://[USER@]HOST[:PORT]/101`,
 * `dir:PREFIX:101`, `vzdump:FILE`. A node called dir or vzdump is reached as ssh://dir/101.
 * Throws VzError (64) for anything else.
 */
export function parseOperand(word: string): Operand {
  if (word === '-') return { kind: 'stdin' };
  if (word.startsWith('ssh://')) {
    const { host, rest } = parseUrl(word);
    return { kind: 'container', host, name: checkName(rest, word) };
  }
  if (word.startsWith('vzdump:')) {
    const file = word.slice('vzdump:'.length);
    if (file === '') throw bad(word, 'expected a file behind vzdump:');
    return { kind: 'vzdump', file: resolve(file) };
  }
  if (word.startsWith('dir:')) {
    const [, prefix, name = ''] = /^dir:(.+):([^:/]*)$/s.exec(word) ?? [];
    if (prefix === undefined)
      throw bad(word, 'expected dir:PREFIX:CT, PREFIX being where the disks are mounted');
    return { kind: 'dead', prefix: resolve(prefix), name: checkName(name, word) };
  }
  if (word.includes('/') || word.endsWith('.conf')) return { kind: 'file', path: word };
  const colon = word.lastIndexOf(':');
  if (colon === -1) return { kind: 'container', host: null, name: checkName(word, word) };
  return {
    kind: 'container',
    host: parseHost(word.slice(0, colon), null, word),
    name: checkName(word.slice(colon + 1), word),
  };
}

/** The prefix of `dir:PREFIX`, an operand of `--all`; null: it names no dead node. */
export function parseDeadOperand(word: string): string | null {
  return word.startsWith('dir:') && word.length > 'dir:'.length ? resolve(word.slice('dir:'.length)) : null;
}

/** An operand of `--all`: `[USER@]HOST` or `ssh://[USER@]HOST[:PORT]`. Throws VzError (64). */
export function parseHostOperand(word: string): HostAddress {
  if (!word.startsWith('ssh://')) return parseHost(word, null, word);
  const { host, rest } = parseUrl(word);
  if (rest !== '') throw bad(word, 'expected a host, not a container');
  return host;
}

/** The operand that names a container of a node: the reverse of `parseOperand`. null is this machine. */
export function formatOperand(host: HostAddress | null, ctid: string): string {
  if (host === null) return ctid;
  const { user, port } = host;
  const name = host.name.includes(':') ? `[${host.name}]` : host.name;
  const address = `${user === null ? '' : `${user}@`}${name}`;
  return port === null ? `${address}:${ctid}` : `ssh://${address}:${port}/${ctid}`;
}

/** A word of digits is an id. Those of vzctl run from 1 to 2147483644, without leading zeros; 0 is the node itself. */
export function isContainerId(name: string): boolean {
  return /^[1-9]\d{0,9}$/.test(name) && Number(name) <= MAX_ID;
}

/** Throws VzError (66) for digits that can be no container. */
export function checkContainerId(id: string): string {
  if (isContainerId(id)) return id;
  throw new VzError('NO_CONTAINER', {
    exit: EXIT.noInput,
    where: `ct ${id.slice(0, 20)}`,
    what: /^0+$/.test(id)
      ? 'is the node itself, never a container'
      : `ids run from 1 to ${MAX_ID}, without leading zeros`,
  });
}

function parseUrl(word: string): { host: HostAddress; rest: string } {
  const match = /^ssh:\/\/([^/]*)(?:\/(.*))?$/s.exec(word);
  const authority = match?.[1] ?? '';
  const [, name = '', digits] = /^(.*?)(?::(\d{1,5}))?$/s.exec(authority) ?? [];
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65535)) throw bad(word, 'expected a port from 1 to 65535');
  return { host: parseHost(name, port, word), rest: match?.[2] ?? '' };
}

function parseHost(text: string, port: number | null, word: string): HostAddress {
  const at = text.lastIndexOf('@');
  const user = at === -1 ? null : text.slice(0, at);
  const name = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  // A leading dash would be an option of ssh.
  if (!/^[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]{0,254}$/.test(name)) throw bad(word, 'expected a host name');
  if (user !== null && !/^[A-Za-z0-9_.][A-Za-z0-9_.@\\-]{0,254}$/.test(user))
    throw bad(word, 'expected a user name');
  return { user, name, port };
}

/** What vzctl allows in a name; `.` and `..` would be directories of the index. */
function checkName(name: string, word: string): string {
  if (/^[A-Za-z0-9 +_.-]+$/.test(name) && name !== '.' && name !== '..') return name;
  throw bad(word, 'expected the id or name of a container, or a file with a / in it');
}

function bad(word: string, what: string): VzError {
  return new VzError('USAGE', {
    exit: EXIT.usage,
    where: JSON.stringify(word.slice(0, 80)),
    what,
    hint: 'see --help',
  });
}

const MAX_ID = 2147483644;
