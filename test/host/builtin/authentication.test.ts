import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { SshTarget } from '../../../lib/documents/source.ts';
import type { VzError } from '../../../lib/errors.ts';
import { openHost } from '../../../lib/host/open.ts';
import { run } from '../../../lib/host/run.ts';
import { needs } from '../../support/needs.ts';
import type { Sshd } from '../../support/sshd.ts';
import { makeKey, startSshd, usePath } from '../../support/sshd.ts';

/** An agent that holds keys, for the length of a test. Its environment is that of the test. */
function startAgent(t: TestContext, sshd: Sshd, keys: readonly string[]): void {
  const socket = join(sshd.dir, 'agent');
  const said = execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  t.after(() => process.kill(pid));
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env, stdio: 'ignore' });
  const before = process.env['SSH_AUTH_SOCK'];
  process.env['SSH_AUTH_SOCK'] = socket;
  t.after(() => {
    if (before === undefined) delete process.env['SSH_AUTH_SOCK'];
    else process.env['SSH_AUTH_SOCK'] = before;
  });
}

async function logIn(sshd: Sshd, changes: Partial<SshTarget>): Promise<void> {
  const host = openHost(sshd.target('builtin', changes), assert.fail);
  assert.equal((await run(host, ['echo', 'in'])).stdout.toString(), 'in\n');
}

const isRefused = (pattern: RegExp) => (error: VzError) => {
  assert.match(error.line, pattern);
  return error.exit === 77;
};

test('keys of every type, from a file and from an agent', async (t) => {
  if (!needs(t, 'sshd', 'ssh', 'ssh-agent')) return;
  const sshd = await startSshd(t);
  usePath(t, sshd.clientBin);
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const identity = join(sshd.dir, type);
    makeKey(identity, type);
    copyFileSync(`${identity}.pub`, join(sshd.dir, 'authorized_keys'));
    await logIn(sshd, { identity });
  }
  const keys = ['ed25519', 'ecdsa', 'rsa'].map((type) => join(sshd.dir, type));
  startAgent(t, sshd, keys);
  for (const key of keys) {
    copyFileSync(`${key}.pub`, join(sshd.dir, 'authorized_keys'));
    await logIn(sshd, {
      identity: null,
      options: ['IdentitiesOnly=no', `HostName=${'127.0.0.1'}`, `ConnectTimeout=${9 + keys.indexOf(key)}`],
    });
    // The public half says which one of the agent is meant.
    await logIn(sshd, { identity: `${key}.pub` });
  }
  assert.equal(sshd.log().match(/Accepted publickey/g)?.length, 9);
});

test('an encrypted key is not asked for where nobody can be asked: the agent has it, or the message says so', async (t) => {
  if (!needs(t, 'sshd', 'ssh', 'ssh-agent')) return;
  const sshd = await startSshd(t);
  usePath(t, sshd.clientBin);
  const identity = join(sshd.dir, 'locked');
  makeKey(identity, 'ed25519');
  copyFileSync(identity, join(sshd.dir, 'plain'));
  copyFileSync(`${identity}.pub`, join(sshd.dir, 'authorized_keys'));
  execFileSync('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', identity], { stdio: 'ignore' });
  await assert.rejects(
    logIn(sshd, { identity }),
    isRefused(
      /there was no key to try; the server takes publickey; .*locked is encrypted: add it to the agent \(ssh-add\)/,
    ),
  );
  startAgent(t, sshd, [join(sshd.dir, 'plain')]);
  await logIn(sshd, { identity, options: ['ConnectTimeout=9'] });
});

test('a person at a terminal is asked for the passphrase, without echo', async (t) => {
  if (!needs(t, 'sshd', 'ssh', 'script')) return;
  const sshd = await startSshd(t);
  const identity = join(sshd.dir, 'locked');
  makeKey(identity, 'ed25519', 'secret word');
  copyFileSync(`${identity}.pub`, join(sshd.dir, 'authorized_keys'));
  writeFileSync(join(sshd.dir, '101.conf'), 'OSTEMPLATE="debian"\n');
  const command = `dist/bin/vz-parse-config --ssh builtin --identity ${identity} --facts none --conf-dir ${sshd.dir} node:101`;
  const env = { ...process.env, PATH: `${sshd.clientBin}:${process.env['PATH']}` };
  const ask = (typed: string): string =>
    execFileSync(
      'sh',
      [
        '-c',
        `{ sleep 2; printf '%s\\r' "$1"; sleep 3; } | script -qec "$2; true" /dev/null`,
        'sh',
        typed,
        command,
      ],
      {
        env,
        encoding: 'utf8',
      },
    );
  const good = ask('secret worx\x7fd');
  assert.match(good, new RegExp(`Passphrase of ${identity}: \r?\n`));
  assert.match(good, /"kind":"vz-config"/);
  assert.doesNotMatch(good, /secret/);
  assert.match(ask('wrong'), /the passphrase is wrong/);
});

test('when nothing is accepted, the message names what was tried and why the rest was not', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t);
  usePath(t, sshd.clientBin);
  const identity = join(sshd.dir, 'stranger');
  makeKey(identity, 'ed25519');
  await assert.rejects(
    logIn(sshd, { identity }),
    isRefused(
      /no key was accepted for \w+: tried .*stranger; the server takes publickey; give the key with --identity/,
    ),
  );
  await assert.rejects(logIn(sshd, { identity: null }), isRefused(/there was no key to try/));
  await assert.rejects(
    logIn(sshd, { identity: join(sshd.dir, 'absent') }),
    isRefused(/absent: cannot be read \(ENOENT\)/),
  );
  writeFileSync(join(sshd.dir, 'text'), 'no key\n');
  chmodSync(join(sshd.dir, 'text'), 0o600);
  await assert.rejects(logIn(sshd, { identity: join(sshd.dir, 'text') }), isRefused(/text: is no key/));
});
