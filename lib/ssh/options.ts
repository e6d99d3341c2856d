import { usage } from '../cli/flags.ts';
import type { SshTarget } from '../documents/source.ts';
import { TRAVELLING_OPTIONS } from '../documents/ssh-options.ts';

type Client = SshTarget['client'];

/**
 * Options of a command line that go into a document, as `Name=value`. Throws VzError (64) for one that may not travel, or
 * that the client does not know.
 */
export function travellingOptions(given: readonly string[], client: Client): string[] {
  return given.map((text) => {
    const { word, value } = split(text);
    const name = Object.keys(TRAVELLING_OPTIONS).find((known) => isSame(known, word));
    if (name === undefined) {
      throw usage(
        `--ssh-option ${word}: does not go into a document`,
        'put it in ssh_config, which every stage reads',
      );
    }
    if (!new RegExp(`^(?:${TRAVELLING_OPTIONS[name]})$`).test(value)) {
      throw usage(`--ssh-option ${name}: not a value that is taken: ${JSON.stringify(value)}`);
    }
    requireKnown(name, client);
    return `${name}=${value}`;
  });
}

/** Options for a host that only this program reaches. Throws VzError (64) for one that would switch off host key checking. */
export function ownOptions(given: readonly string[], client: Client): string[] {
  return given.map((text) => {
    const { word, value } = split(text);
    const weakens = WEAKENING.some((name) => isSame(name, word));
    const strict = isSame(word, 'StrictHostKeyChecking') && value.toLowerCase() === 'yes';
    if (weakens && !strict) {
      throw usage(
        `--ssh-option ${word}: host keys are always checked`,
        '--host-key-checking accept-new takes the key of a host that is not known yet',
      );
    }
    requireKnown(word, client);
    return `${word}=${value}`;
  });
}

/** ssh_config(5): a keyword and its value, separated by white space or by `=` with optional white space. */
function split(text: string): { word: string; value: string } {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(\S.*?)\s*$/.exec(text);
  if (!match) throw usage(`--ssh-option: expected NAME=VALUE, got ${JSON.stringify(text)}`);
  return { word: match[1] ?? '', value: match[2] ?? '' };
}

function requireKnown(word: string, client: Client): void {
  const names = [...Object.keys(TRAVELLING_OPTIONS), ...BUILTIN_OWN].filter((name) => name !== 'ProxyJump');
  if (client === 'openssh' || names.some((name) => isSame(name, word))) return;
  throw usage(`--ssh-option ${word}: the built-in client has no such option`, 'use --ssh openssh');
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Each can make ssh take a key that is in no known_hosts file. */
const WEAKENING = [
  'KnownHostsCommand',
  'NoHostAuthenticationForLocalhost',
  'StrictHostKeyChecking',
  'VerifyHostKeyDNS',
];

/** What the built-in client reads besides, and no document carries. */
const BUILTIN_OWN = [
  'GlobalKnownHostsFile',
  'HashKnownHosts',
  'HostKeyAlias',
  'HostName',
  'IdentitiesOnly',
  'IdentityAgent',
  'IdentityFile',
  'StrictHostKeyChecking',
  'UserKnownHostsFile',
];
