import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A line of known_hosts; sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
  /** `FILE:LINE`. */
  readonly place: string;
}

/** The lines that hold a key. What is no such line (comments, keys of version 1 of the protocol) is left out. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /^\s*(?:@(\S+)\s+)?(\S+)\s+(\S+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line);
    if (!match || line.trimStart().startsWith('#')) return [];
    const [, word, hosts = '', type = '', base64 = ''] = match;
    const marker = word === undefined ? 'none' : MARKERS.find((known) => known === word);
    const key = Buffer.from(base64, 'base64');
    // An unknown marker could mean anything; the type stands in the key once more.
    if (marker === undefined || keyType(key) !== type) return [];
    return [{ marker, hosts, type, key, place: `${file}:${index + 1}` }];
  });
}

/** Whether the first word of a line names the host: patterns with `!` for "not", or one hashed name. */
export function namesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let found = false;
  for (const word of hosts.split(',')) {
    const negated = word.startsWith('!');
    if (!matchesPattern(negated ? word.slice(1) : word, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `|1|salt|hash`, which hides the name: HMAC-SHA1 with the salt as its key (OpenSSH, hostfile.c). */
export function hashHost(name: string, salt: Buffer): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

/** `SHA256:…` without padding, as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The name in front of a public key blob (RFC 4253, 6.6); empty for what is none. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const end = 4 + key.readUInt32BE(0);
  return end <= key.length ? key.toString('latin1', 4, end) : '';
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt = ''] = hosts.split('|');
  if (version !== '1') return false;
  const expected = Buffer.from(hashHost(name, Buffer.from(salt, 'base64')));
  const found = Buffer.from(hosts);
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** `*` is any number of characters and `?` one; all else is itself, brackets too. */
function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name.toLowerCase());
}

const MARKERS = ['revoked', 'cert-authority'] as const;
