import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { LEGACY_ALGORITHMS } from '../ssh-arguments.ts';
import type { SshConfig } from './read-config.ts';

/** Names of algorithms, best first, as ssh2 takes them. */
export interface Algorithms {
  readonly kex: readonly KexAlgorithm[];
  readonly serverHostKey: readonly ServerHostKeyAlgorithm[];
  readonly cipher: readonly CipherAlgorithm[];
  readonly hmac: readonly MacAlgorithm[];
}

/**
 * What is offered: of the algorithms that are good today, and with `legacy` of the old ones, those that ssh_config has; in
 * our order, since OpenSSH's begins with what is slow here. Where that leaves none, all of ours: the server must agree, and
 * the message shows both sides.
 */
export function chooseAlgorithms(config: SshConfig, legacy: boolean): Algorithms {
  const choose = <T extends string>(keyword: string, good: readonly T[], old: readonly T[]): T[] => {
    const ours = [...good, ...(legacy ? old : [])];
    const configured = listOf(config.get(keyword)?.[0], ours);
    const chosen = ours.filter((name) => configured.includes(name));
    return chosen.length === 0 ? ours : chosen;
  };
  return {
    kex: choose('kexalgorithms', KEX, LEGACY_ALGORITHMS.KexAlgorithms),
    serverHostKey: choose('hostkeyalgorithms', HOST_KEY, LEGACY_ALGORITHMS.HostKeyAlgorithms),
    cipher: choose('ciphers', CIPHER, LEGACY_ALGORITHMS.Ciphers),
    hmac: choose('macs', HMAC, LEGACY_ALGORITHMS.MACs),
  };
}

/** The type of key behind a host key or signature algorithm: three of them sign with an RSA key (RFC 8332, 3). */
export function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** The types of keys that may be shown to the server. null: all. */
export function acceptedKeyTypes(config: SshConfig): readonly string[] | null {
  const value = config.get('pubkeyacceptedalgorithms')?.[0];
  if (value === undefined || /^[+^-]/.test(value)) return null;
  return value.split(',').map(keyTypeOf);
}

/** `ssh -G` prints whole lists; a config file may have a sign in front that changes the default one (ssh_config(5)). */
function listOf(value: string | undefined, defaults: readonly string[]): readonly string[] {
  if (value === undefined) return defaults;
  const names = value.replace(/^[+^-]/, '').split(',');
  switch (value[0]) {
    case '+':
      return [...defaults, ...names];
    case '-':
      return defaults.filter((name) => !names.includes(name));
    case '^':
      return [...new Set([...names, ...defaults])];
    default:
      return names;
  }
}

/** As OpenSSH's defaults, as far as ssh2 has them. */
const KEX: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
];
const HOST_KEY: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];
/** AES-GCM first: with AES instructions, which every node has, it is the fastest by far. */
const CIPHER: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const HMAC: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];
