import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshTarget } from '../../documents/source.ts';
import { EXIT, VzError } from '../../errors.ts';
import { localHost } from '../local.ts';
import { labelOf } from '../remote.ts';
import { describeExit, run } from '../run.ts';
import { sshQuery } from '../ssh-arguments.ts';

/** What ssh_config says of a host: lower-case keywords, and the values of each in order. */
export type SshConfig = ReadonlyMap<string, readonly string[]>;

/**
 * Asks `ssh -G`, which knows Include, Match and all defaults; where there is no ssh, reads the config files. Throws VzError
 * (69) when ssh refuses the config.
 */
export async function readSshConfig(target: SshTarget): Promise<SshConfig> {
  try {
    return await askSsh(target);
  } catch (error) {
    if (error instanceof VzError && error.code === 'PROGRAM_MISSING') return readConfigFiles(target);
    throw error;
  }
}

/** ssh(1), -G: "print its configuration after evaluating Host and Match blocks and exit". */
async function askSsh(target: SshTarget): Promise<SshConfig> {
  const result = await run(localHost, sshQuery(target));
  if (result.code !== 0) {
    throw new VzError('SSH_CONFIG', {
      exit: EXIT.unavailable,
      where: labelOf(target),
      what: `ssh -G ${describeExit(result)}`,
    });
  }
  const config = new Map<string, string[]>();
  for (const line of result.stdout.toString().split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) add(config, line.slice(0, space), line.slice(space + 1));
  }
  return config;
}

/** Options count before the user's file, and that before the system's: the first value obtained is used. */
async function readConfigFiles(target: SshTarget): Promise<SshConfig> {
  const { default: SshConfigFile } = await import('ssh-config');
  const { user, port, identity, options, name } = target;
  const given = [
    ...(user === null ? [] : [`User ${user}`]),
    ...(port === null ? [] : [`Port ${port}`]),
    ...(identity === null ? [] : [`IdentityFile "${identity}"`]),
    ...options.map((option) => option.replace('=', ' ')),
  ];
  const files = [join(homedir(), '.ssh/config'), '/etc/ssh/ssh_config'].map(readIfThere);
  const parsed = SshConfigFile.parse([...given, ...files].join('\n'));
  // Match exec would run commands.
  const computed = parsed.compute({ Host: name }, { ignoreCase: true, matchExec: false });
  const config = new Map<string, string[]>();
  for (const [keyword, value] of Object.entries(computed)) {
    for (const one of [value].flat()) add(config, keyword, one);
  }
  // ssh_config(5), HostName: %h is the name that was given.
  const [hostName = name] = config.get('hostname') ?? [];
  config.set('hostname', [hostName.replaceAll('%h', name)]);
  if (!config.has('user')) config.set('user', [userInfo().username]);
  return config;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function add(config: Map<string, string[]>, keyword: string, value: string): void {
  const values = config.get(keyword) ?? [];
  values.push(value);
  config.set(keyword, values);
}
