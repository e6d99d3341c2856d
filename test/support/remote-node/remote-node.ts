import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from '../needs.ts';
import type { OpenVzNode } from '../nodes.ts';
import { onceABuild } from '../once-a-build.ts';
import { processesNaming } from '../programs.ts';
import { type Link, startLink } from './link.ts';

export interface RemoteOptions {
  /** What the node's programs are: see the README. */
  readonly userland?: 'centos6' | 'debian7';
  /** An ssh_config with more hosts that the client shall know. */
  readonly include?: string;
}

export interface RemoteNode {
  /** Has an `ssh` first on PATH that finds `vz6`, and neither vzctl nor anything else of the node. */
  readonly env: NodeJS.ProcessEnv;
  /** Puts a script in the place of one of the node's programs. */
  readonly replace: (program: string, script: string) => void;
  /** Command lines of the ssh clients that are there, each with its pid. */
  readonly clients: () => string[];
  readonly link: Link;
}

/** Puts a stand-in behind a real sshd, as `root@vz6`. Undefined: something is missing, and the test is skipped. */
export async function reachBySsh(
  t: TestContext,
  node: OpenVzNode,
  { userland = 'centos6', include }: RemoteOptions = {},
): Promise<RemoteNode | undefined> {
  if (!needs(t, 'root', 'ssh', 'sshd', 'dash')) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-remote-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const stock = onceABuild(`node-${userland}`, (made) => {
    execFileSync(join(HERE, 'make-bin'), [made, userland, resolve(HERE, '../openvz-node/bin')]);
  });
  cpSync(onceABuild('node-keys', makeKeys), dir, { recursive: true });
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(join(dir, 'sshd_config'), sshdConfig(dir, `${bin}:${stock}`, node));
  const link = await startLink(t, [
    '/usr/sbin/sshd',
    '-i',
    '-f',
    join(dir, 'sshd_config'),
    '-E',
    join(dir, 'log'),
  ]);

  const hostKey = readFileSync(join(dir, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(dir, 'known_hosts'), `vz6 ${hostKey}\n`);
  writeFileSync(join(dir, 'ssh_config'), clientConfig(dir, link.port, include));
  const clientBin = join(dir, 'client-bin');
  mkdirSync(clientBin);
  writeFileSync(
    join(clientBin, 'ssh'),
    `#!/bin/sh\nexec /usr/bin/ssh -F '${dir}/ssh_config' ${IMPATIENT} "$@"\n`,
    {
      mode: 0o755,
    },
  );
  return {
    env: { ...process.env, PATH: `${clientBin}:${process.env['PATH']}` },
    replace: (program, script) => {
      writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    clients: () => processesNaming(`${dir}/ssh_config`),
    link,
  };
}

/** The keys of all such nodes and their clients. RSA keys take a second to make. */
function makeKeys(dir: string): void {
  for (const key of ['host_key', 'id_rsa'])
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', join(dir, key)]);
}

/**
 * What OpenSSH 5.3 offers, as far as the sshd of today can. That one tells clients of rsa-sha2-256 whatever it accepts, and ssh2
 * believes it; 5.3 tells nothing. dash runs what is asked for, whoever root's shell is, and no .bashrc of this machine costs time.
 */
function sshdConfig(dir: string, path: string, node: OpenVzNode): string {
  return `HostKey "${dir}/host_key"
AuthorizedKeysFile "${dir}/id_rsa.pub"
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha1
HostKeyAlgorithms ssh-rsa
PubkeyAcceptedAlgorithms ssh-rsa,rsa-sha2-256
Ciphers aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc
MACs hmac-sha1
ForceCommand exec dash -c "$SSH_ORIGINAL_COMMAND"
SetEnv "PATH=${path}" "VZ_STANDIN=${node.dir}" "HOME=${dir}"
`;
}

function clientConfig(dir: string, port: number, include: string | undefined): string {
  return `${include === undefined ? '' : `Include "${include}"\n`}Host vz6
  HostName 127.0.0.1
  Port ${port}
  HostKeyAlias vz6
  HostKeyAlgorithms +ssh-rsa
  PubkeyAcceptedAlgorithms ssh-rsa
  KexAlgorithms diffie-hellman-group14-sha1
  IdentityFile "${dir}/id_rsa"
  IdentitiesOnly yes
  UserKnownHostsFile "${dir}/known_hosts"
  GlobalKnownHostsFile /dev/null
`;
}

/** The first value counts: what our programs ask for makes ssh wait for a minute on a link that has gone silent. */
const IMPATIENT = '-o ServerAliveInterval=5 -o ConnectTimeout=10';
/** Tests run in the root of the repository. */
const HERE = resolve('test/support/remote-node');
