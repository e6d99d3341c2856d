import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { EXIT, systemCode, VzError } from '../../errors.ts';
import { KEY_CHANGED_HINT, KEY_REVOKED_HINT, keyUnknownHint } from '../hints.ts';
import { keyTypeOf } from './algorithms.ts';
import type { KnownHost } from './known-hosts.ts';
import { fingerprint, hashHost, keyType, namesHost, parseKnownHosts } from './known-hosts.ts';
import type { Settings } from './settings.ts';

/** What is known of a host's keys. Certificates are not supported, so a @cert-authority line says nothing. */
export class HostKeys {
  readonly #settings: Settings;
  readonly #lines: readonly KnownHost[];
  /** Seen in this connection, of a host that was not known. */
  #accepted: Buffer | null = null;

  /** Reads the known_hosts files. Throws VzError (77) for one that cannot be read: a revoked key may stand in it. */
  constructor(settings: Settings) {
    this.#settings = settings;
    const files = [...settings.userKnownHosts, ...settings.globalKnownHosts];
    this.#lines = files
      .flatMap((file) => parseKnownHosts(readKnownHosts(file), file))
      .filter(({ hosts, marker }) => marker !== 'cert-authority' && namesHost(hosts, settings.knownAs));
  }

  /** Algorithms whose key is known come first, so that a server with several keys shows the one that can be checked. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    const known = this.#trusted.map(({ type }) => type);
    const isKnown = (algorithm: string): boolean => known.includes(keyTypeOf(algorithm));
    const { serverHostKey } = this.#settings.algorithms;
    return [...serverHostKey.filter(isKnown), ...serverHostKey.filter((name) => !isKnown(name))];
  }

  /** Throws VzError (77) unless the key may be trusted. A key that is not known may be only with `accept-new`. */
  check(key: Buffer): void {
    const { label, target, hostKeyChecking } = this.#settings;
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    const refuse = (code: string, what: string, hint: string): VzError =>
      new VzError(code, { exit: EXIT.noPermission, where: label, what, hint });
    const revoked = this.#lines.find((line) => line.marker === 'revoked' && line.key.equals(key));
    if (revoked) {
      throw refuse(
        'HOST_KEY_REVOKED',
        `its host key ${shown} is revoked (${revoked.place})`,
        KEY_REVOKED_HINT,
      );
    }
    const trusted = this.#trusted;
    if (trusted.some((line) => line.key.equals(key)) || this.#accepted?.equals(key)) return;
    const [other] = trusted.filter(({ type }) => type === keyType(key)).concat(trusted);
    if (other) {
      const expected = `${other.type} ${fingerprint(other.key)} (${other.place})`;
      throw refuse('HOST_KEY_CHANGED', `its host key is ${shown}, expected ${expected}`, KEY_CHANGED_HINT);
    }
    if (hostKeyChecking !== 'accept-new') {
      throw refuse('HOST_KEY_UNKNOWN', `its host key is not known: ${shown}`, keyUnknownHint(target));
    }
    const [file] = this.#settings.userKnownHosts;
    if (file === undefined || isSpecial(file)) {
      throw refuse(
        'HOST_KEY_UNKNOWN',
        `its host key is not known: ${shown}`,
        'accept-new needs a known_hosts that can keep it: see UserKnownHostsFile in ssh_config',
      );
    }
    this.#accepted = key;
  }

  /**
   * Once the server has proved that the key is its own: an accepted one becomes known. Returns the line for people, or null
   * when there was nothing to add. Throws VzError (73) when known_hosts cannot be written.
   */
  keepAccepted(): string | null {
    const key = this.#accepted;
    const [file] = this.#settings.userKnownHosts;
    if (key === null || file === undefined) return null;
    const { label, knownAs, hashKnownHosts } = this.#settings;
    const name = hashKnownHosts ? hashHost(knownAs, randomBytes(20)) : knownAs;
    appendLine(file, `${name} ${keyType(key)} ${key.toString('base64')}`);
    return `${label}: its host key was not known and is now in ${file}: ${keyType(key)} ${fingerprint(key)}`;
  }

  get #trusted(): KnownHost[] {
    return this.#lines.filter(({ marker }) => marker === 'none');
  }
}

function readKnownHosts(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    const what = `cannot be read (${code})`;
    throw new VzError('KNOWN_HOSTS', { exit: EXIT.noPermission, where: file, what, cause });
  }
}

/** /dev/null: every run would take any key. */
function isSpecial(file: string): boolean {
  return existsSync(file) && !statSync(file).isFile();
}

function appendLine(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const unended = !/(^|\n)$/.test(readKnownHosts(file));
    appendFileSync(file, `${unended ? '\n' : ''}${line}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new VzError('KNOWN_HOSTS', {
      exit: EXIT.cantCreate,
      where: file,
      what: `the host key cannot be added (${systemCode(cause)})`,
      cause,
    });
  }
}
