import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshTarget } from '../../lib/documents/source.ts';

export interface SshdOptions {
  /** Types of host keys; each has a file `host_TYPE`. Default: ed25519. */
  readonly hostKeys?: readonly KeyType[];
  /** Further lines of sshd_config; the first value of a keyword counts, and these come first. */
  readonly config?: readonly string[];
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface Sshd {
  readonly dir: string;
  readonly port: number;
  /** Private key that is let in. */
  readonly identity: string;
  /** What a client must have to know the server: `TYPE BASE64` of each host key. */
  readonly hostKey: (type?: KeyType) => string;
  /** The known_hosts of `ssh` below; it has all host keys. */
  readonly knownHosts: string;
  /** A directory whose `ssh` knows only this server's ssh_config, for the start of PATH. */
  readonly clientBin: string;
  readonly log: () => string;
  /** Reaches the server as host `node`, when `clientBin` is on PATH. */
  readonly target: (client: SshTarget['client'], changes?: Partial<SshTarget>) => SshTarget;
}

/** Starts an sshd on loopback that lets the user of the test in, for the length of a test. */
export async function startSshd(t: TestContext, options: SshdOptions = {}): Promise<Sshd> {
  const { hostKeys = ['ed25519'], config = [] } = options;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-sshd-'));
  const inDir = (name: string): string => join(dir, name);
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const type of hostKeys) makeKey(inDir(`host_${type}`), type);
  makeKey(inDir('id'), 'ed25519');
  copyFileSync(inDir('id.pub'), inDir('authorized_keys'));
  // sshd of Debian wants it for privilege separation.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const lines = [
    ...config,
    `ListenAddress 127.0.0.1:${port}`,
    ...hostKeys.map((type) => `HostKey ${inDir(`host_${type}`)}`),
    `AuthorizedKeysFile ${inDir('authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    // The cheap one.
    'KexAlgorithms curve25519-sha256',
    // bash runs the user's .bashrc for each command that comes by ssh.
    `SetEnv "HOME=${dir}"`,
  ];
  writeFileSync(inDir('sshd_config'), `${lines.join('\n')}\n`);
  // Full path: sshd executes itself again for each connection.
  const sshd = spawn(sshdPath(), ['-D', '-f', inDir('sshd_config'), '-E', inDir('log')], { stdio: 'ignore' });
  const gone = once(sshd, 'exit');
  t.after(async () => {
    sshd.kill();
    await gone;
  });
  const log = (): string => (existsSync(inDir('log')) ? readFileSync(inDir('log'), 'utf8') : '');
  // It binds only after it has started, so its log says whether it does.
  for (let tries = 0; !log().includes('Server listening'); tries += 1) {
    if (tries > 500 || sshd.exitCode !== null) throw new Error(`sshd does not start: ${log()}`);
    await sleep(20);
  }
  const hostKey = (type: KeyType = hostKeys[0] ?? 'ed25519'): string => publicKey(inDir(`host_${type}`));
  const known = hostKeys.map((type) => `node ${hostKey(type)}\n`).join('');
  writeFileSync(inDir('known_hosts'), known);
  writeClient(dir, port);
  const target = (client: SshTarget['client'], changes: Partial<SshTarget> = {}): SshTarget => ({
    ...{ client, user: userInfo().username, name: 'node', port: null, identity: inDir('id') },
    ...{ legacy: false, options: [] },
    ...changes,
  });
  return {
    ...{ dir, port, identity: inDir('id'), hostKey, knownHosts: inDir('known_hosts') },
    ...{ clientBin: inDir('bin'), log, target },
  };
}

/** Makes a key pair without a passphrase, or with one. */
export function makeKey(path: string, type: KeyType, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', path]);
}

/** `TYPE BASE64` of a key pair. */
export function publicKey(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim();
}

/** Puts a directory first on PATH for the length of a test. */
export function usePath(t: TestContext, directory: string): void {
  const path = process.env['PATH'];
  process.env['PATH'] = `${directory}:${path}`;
  t.after(() => {
    process.env['PATH'] = path;
  });
}

function writeClient(dir: string, port: number): void {
  const config = [
    'Host node',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  HostKeyAlias node',
    `  UserKnownHostsFile ${join(dir, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  IdentitiesOnly yes',
    '  IdentityFile none',
  ];
  writeFileSync(join(dir, 'ssh_config'), `${config.join('\n')}\n`);
  mkdirSync(join(dir, 'bin'));
  const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  writeFileSync(join(dir, 'bin/ssh'), `#!/bin/sh\nexec ${ssh} -F ${dir}/ssh_config "$@"\n`, { mode: 0o755 });
}

function sshdPath(): string {
  const found = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'].find(existsSync);
  if (found === undefined) throw new Error('no sshd');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
