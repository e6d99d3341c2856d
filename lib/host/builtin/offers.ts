import type { FailureCode } from '../../errors.ts';
import { EXIT, VzError } from '../../errors.ts';
import { LEGACY_HINT } from '../hints.ts';
import { hasLegacy } from '../ssh-arguments.ts';

/**
 * Both sides' algorithms, as they come by in ssh2's debug lines: its error for "nothing in common" has none of them. The kind
 * that was compared last is the one that failed.
 */
export class Offers {
  #kind = '';
  #ours = '';
  #theirs = '';

  /** `Handshake: (local) Host key format: ssh-ed25519,rsa-sha2-512`, and the same with (remote). */
  readDebugLine(line: string): void {
    const match = /^Handshake: \((local|remote)\) (.+?): (.*)$/.exec(line);
    if (!match) return;
    const [, side, kind = '', names = ''] = match;
    this.#kind = kind;
    if (side === 'local') this.#ours = names;
    else this.#theirs = names;
  }

  /** The error for a handshake that found nothing in common. */
  failure(label: string, legacy: boolean): VzError {
    const kind = KINDS.find(([pattern]) => pattern.test(this.#kind));
    const name = kind?.[1] ?? this.#kind;
    const exit: FailureCode = kind?.[2] ?? EXIT.unavailable;
    const old = !legacy && hasLegacy(this.#theirs.split(','));
    return new VzError('NO_COMMON_ALGORITHM', {
      exit,
      where: label,
      what: `no ${name} in common: the server offers ${spaced(this.#theirs)}; we offer ${spaced(this.#ours)}`,
      hint: old ? LEGACY_HINT : undefined,
    });
  }
}

function spaced(names: string): string {
  return names === '' ? 'none' : names.replaceAll(',', ', ');
}

const KINDS = [
  [/^Host key/, 'type of host key', EXIT.noPermission],
  [/^KEX/, 'key exchange method', EXIT.unavailable],
  [/cipher$/, 'cipher', EXIT.unavailable],
  [/MAC$/, 'MAC', EXIT.unavailable],
] as const;
