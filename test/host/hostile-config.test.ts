import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SshTarget } from '../../lib/documents/source.ts';
import type { VzError } from '../../lib/errors.ts';
import { openHost } from '../../lib/host/open.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';
import { startProgram } from '../support/programs.ts';
import { makeKey, publicKey, type Sshd, startSshd, usePath } from '../support/sshd.ts';

const CLIENTS = ['openssh', 'builtin'] as const;

async function server(t: TestContext, config: readonly string[] = []): Promise<Sshd | undefined> {
  if (!needs(t, 'ssh', 'sshd')) return undefined;
  const sshd = await startSshd(t, { config });
  usePath(t, sshd.clientBin);
  return sshd;
}

/** The first value of a keyword counts. */
function configure({ dir }: Sshd, ...lines: string[]): void {
  const file = join(dir, 'ssh_config');
  writeFileSync(file, `Host node\n${lines.join('\n')}\n${readFileSync(file, 'utf8')}`);
}

async function outcome(target: SshTarget): Promise<string> {
  try {
    const { code } = await run(
      openHost(target, () => {}),
      ['true'],
    );
    return `exit ${code}`;
  } catch (error) {
    const { exit, line } = error as VzError;
    return `${exit} ${line}`;
  }
}

for (const client of CLIENTS) {
  test(`${client}: ssh_config cannot have a changed key pass`, async (t) => {
    const sshd = await server(t);
    if (!sshd) return;
    makeKey(join(sshd.dir, 'other'), 'ed25519');
    writeFileSync(sshd.knownHosts, `node ${publicKey(join(sshd.dir, 'other'))}\n`);
    configure(
      sshd,
      'NoHostAuthenticationForLocalhost yes',
      'StrictHostKeyChecking no',
      'VerifyHostKeyDNS yes',
      'LogLevel QUIET',
    );
    assert.match(await outcome(sshd.target(client)), /^77 .*host key/i);
  });

  test(`${client}: a RemoteCommand of ssh_config is not in the way of ours`, async (t) => {
    const sshd = await server(t);
    if (!sshd) return;
    configure(sshd, 'RemoteCommand false');
    assert.equal(await outcome(sshd.target(client)), 'exit 0');
  });

  test(`${client}: a key that is a device is refused`, async (t) => {
    const sshd = await server(t);
    if (!sshd) return;
    assert.match(await outcome(sshd.target(client, { identity: '/dev/zero' })), /^77 .*no regular file/);
  });

  test(`${client}: a node that takes a command and never ends it does not keep us from leaving`, async (t) => {
    const sshd = await server(t, ['ForceCommand sleep 60']);
    if (!sshd) return;
    const args = ['--ssh', client, '--identity', sshd.identity, 'node:101'];
    const program = startProgram('vz-parse-config', args, process.env, '');
    for (let tries = 0; !sshd.log().includes('Accepted'); tries += 1) {
      assert.ok(tries < 200, program.said());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    program.child.kill('SIGTERM');
    assert.equal(await program.exit, 143, program.said());
  });
}

test('builtin: accept-new needs a known_hosts that keeps the key', async (t) => {
  const sshd = await server(t);
  if (!sshd) return;
  for (const file of ['none', '/dev/null']) {
    configure(sshd, `UserKnownHostsFile ${file}`);
    const target = sshd.target('builtin', { hostKeyChecking: 'accept-new' });
    assert.match(
      await outcome(target),
      /^77 .*is not known.*accept-new needs a known_hosts that can keep it/,
    );
  }
});

test('builtin: known_hosts with a blank in its name is refused, not read in part', async (t) => {
  const sshd = await server(t);
  if (!sshd) return;
  configure(sshd, `UserKnownHostsFile "${sshd.dir}/known hosts"`);
  const target = sshd.target('builtin', { hostKeyChecking: 'accept-new' });
  assert.match(await outcome(target), /^69 .*a known_hosts file with a blank in its name/);
});
