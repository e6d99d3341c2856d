import type { SshTarget } from '../documents/source.ts';
import { quoteArgv } from './quote.ts';
import { labelOf } from './remote.ts';

/**
 * The flags of ssh(1) that reach a host; `ssh -G` with the same ones tells how. Of an option the first value obtained is
 * used (ssh_config(5)), so neither the user's options nor a config file can weaken what stands first, and the user's options
 * count before our defaults. BatchMode, since the programs of one pipe must not prompt at once.
 */
export function sshArguments(target: SshTarget): string[] {
  const { user, hostKeyChecking = 'yes' } = target;
  return [
    '-T',
    ...['-o', 'BatchMode=yes', '-o', `StrictHostKeyChecking=${hostKeyChecking}`],
    ...FIRST.flatMap((option) => ['-o', option]),
    ...(user === null ? [] : ['-l', user]),
    ...connection(target),
    ...['-o', 'ServerAliveInterval=15'],
  ];
}

/** What a config file may hold that would pass by the check of the host key, hide why it failed, or take our command's place. */
const FIRST = [
  'NoHostAuthenticationForLocalhost=no',
  'VerifyHostKeyDNS=no',
  'LogLevel=INFO',
  'RemoteCommand=none',
];

/** What asks ssh(1) for its configuration of the host. */
export function sshQuery(target: SshTarget): [string, ...string[]] {
  return ['ssh', '-G', ...sshArguments(target), '--', target.name];
}

/** The command for people that reaches the same machine in the same way: `ssh -p 2222 root@node`. `flags` come first. */
export function sshLogin(target: SshTarget, flags: readonly string[] = []): string {
  return quoteArgv(['ssh', ...flags, ...connection(target), labelOf(target)]);
}

/** The same without the machine, as `rsync -e` has it. */
export function sshCommand(target: SshTarget): string {
  return quoteArgv(['ssh', ...connection(target)]);
}

/** What an old node may ask for and OpenSSH of today does not offer by itself, by the option that lets it in. */
export const LEGACY_ALGORITHMS = {
  HostKeyAlgorithms: ['ssh-rsa'],
  PubkeyAcceptedAlgorithms: ['ssh-rsa'],
  KexAlgorithms: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1'],
  MACs: ['hmac-sha1'],
  Ciphers: ['aes128-cbc', 'aes192-cbc', 'aes256-cbc'],
} as const;

/** Whether a server offers something that only LEGACY_ALGORITHMS let in. */
export function hasLegacy(offer: readonly string[]): boolean {
  const old: readonly string[] = Object.values(LEGACY_ALGORITHMS).flat();
  return offer.some((name) => old.includes(name));
}

function connection({ port, identity, options, legacy }: SshTarget): string[] {
  const old = Object.entries(LEGACY_ALGORITHMS).map(
    ([name, algorithms]) => `${name}=+${algorithms.join(',')}`,
  );
  return [
    ...(port === null ? [] : ['-p', String(port)]),
    ...(identity === null ? [] : ['-i', identity]),
    ...[...options, ...(legacy ? old : [])].flatMap((option) => ['-o', option]),
  ];
}
