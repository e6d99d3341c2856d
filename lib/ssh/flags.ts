import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Flags } from '../cli/flags.ts';
import type { HostKeyChecking, HostReference } from '../documents/source.ts';
import { ownOptions, travellingOptions } from './options.ts';

/** How the command line wants hosts reached; a host's name, user and port come from its operand. */
export interface SshChoice extends Omit<HostReference, 'user' | 'name' | 'port'> {
  readonly hostKeyChecking: HostKeyChecking;
}

export interface SshFlagOptions {
  /** The choice goes into a document, and so only options that may travel are taken. */
  readonly travels: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** Reads SSH_FLAGS. The client is OpenSSH when there is an `ssh` on PATH: people have tuned their ssh_config. Throws VzError (64). */
export function readSshFlags(flags: Flags, { travels, env }: SshFlagOptions): SshChoice {
  const client = flags.text('ssh') ?? (isOnPath('ssh', env) ? 'openssh' : 'builtin');
  const identity = flags.text('identity');
  const checking: HostKeyChecking = flags.text('host-key-checking') === 'accept-new' ? 'accept-new' : 'yes';
  const read = travels ? travellingOptions : ownOptions;
  const kind = client === 'builtin' ? 'builtin' : 'openssh';
  return {
    client: kind,
    // A later stage may run in another directory.
    identity: identity === undefined ? null : resolve(identity),
    legacy: flags.on('legacy'),
    options: read(flags.list('ssh-option'), kind),
    hostKeyChecking: checking,
  };
}

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(':').some((directory) => {
    try {
      accessSync(join(directory || '.', program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
