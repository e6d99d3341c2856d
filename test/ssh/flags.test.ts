import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from '../../lib/cli/flags.ts';
import { osctlImport } from '../../lib/cli/specs/osctl-import.ts';
import { vzParseConfig } from '../../lib/cli/specs/vz-parse-config.ts';
import { hostReference } from '../../lib/documents/source.ts';
import { VzError } from '../../lib/errors.ts';
import type { SshChoice } from '../../lib/ssh/flags.ts';
import { readSshFlags } from '../../lib/ssh/flags.ts';

const WITH_SSH = { PATH: '/nowhere:/usr/bin:/bin' };
const WITHOUT_SSH = { PATH: '/nowhere' };

const source = (argv: readonly string[], env: NodeJS.ProcessEnv = WITH_SSH): SshChoice =>
  readSshFlags(parseFlags(argv, vzParseConfig), { travels: true, env });
const destination = (argv: readonly string[]): SshChoice =>
  readSshFlags(parseFlags(argv, osctlImport), { travels: false, env: WITH_SSH });
const isUsage = (pattern: RegExp) => (error: unknown) =>
  error instanceof VzError && error.exit === 64 && pattern.test(error.line);

test('the client is that of the machine, unless there is none or another is asked for', () => {
  assert.equal(source([]).client, 'openssh');
  assert.equal(source([], WITHOUT_SSH).client, 'builtin');
  assert.equal(source(['--ssh', 'builtin']).client, 'builtin');
  assert.equal(source(['--ssh', 'openssh'], WITHOUT_SSH).client, 'openssh');
});

test('what is given goes into the reference in one spelling, and the reference is one that is read back', () => {
  const argv = ['--identity', 'keys/id', '--legacy', '--host-key-checking', 'accept-new'];
  const options = [
    '--ssh-option',
    'port 2222',
    '--ssh-option',
    'ciphers = aes128-ctr',
    '--ssh-option=Compression=yes',
  ];
  const { hostKeyChecking, ...travelling } = source([...argv, ...options]);
  assert.equal(hostKeyChecking, 'accept-new');
  assert.deepEqual(travelling, {
    client: 'openssh',
    identity: `${process.cwd()}/keys/id`,
    legacy: true,
    options: ['Port=2222', 'Ciphers=aes128-ctr', 'Compression=yes'],
  });
  hostReference.parse({ ...travelling, user: 'root', name: 'vz6', port: null });
});

test('an option that may not travel is refused, with the place where it belongs', () => {
  for (const option of [
    'ProxyCommand=x',
    'UserKnownHostsFile=/x',
    'HostKeyAlias=x',
    'IdentityAgent=/x',
    'nonsense=1',
  ])
    assert.throws(
      () => source(['--ssh-option', option]),
      isUsage(/put it in ssh_config, which every stage reads$/),
    );
  for (const option of [
    'Port=0',
    'Port=x',
    'ProxyJump=a,b',
    'Compression=maybe',
    'Port',
    'Port=',
    '=1',
    'User=-x',
  ])
    assert.throws(() => source(['--ssh-option', option]), isUsage(/--ssh-option/), option);
});

test('an option that does not travel may be any but one that switches the check of host keys off', () => {
  const fine = [
    'ProxyCommand=nc %h %p',
    'UserKnownHostsFile=/x',
    'ControlMaster auto',
    'StrictHostKeyChecking=yes',
  ];
  const argv = fine.flatMap((option) => ['--ssh-option', option]);
  assert.deepEqual(destination(argv).options, [
    'ProxyCommand=nc %h %p',
    'UserKnownHostsFile=/x',
    'ControlMaster=auto',
    'StrictHostKeyChecking=yes',
  ]);
  for (const option of [
    'StrictHostKeyChecking=no',
    'stricthostkeychecking accept-new',
    'StrictHostKeyChecking=off',
    'NoHostAuthenticationForLocalhost=yes',
    'KnownHostsCommand=x',
    'VerifyHostKeyDNS=yes',
  ])
    assert.throws(
      () => destination(['--ssh-option', option]),
      isUsage(/host keys are always checked/),
      option,
    );
});

test('the built-in client refuses what it does not do', () => {
  for (const option of ['ProxyJump=jump', 'proxyjump jump'])
    assert.throws(() => source(['--ssh', 'builtin', '--ssh-option', option]), isUsage(/use --ssh openssh$/));
  for (const option of ['ControlMaster=auto', 'ProxyCommand=x'])
    assert.throws(
      () => destination(['--ssh', 'builtin', '--ssh-option', option]),
      isUsage(/use --ssh openssh$/),
    );
  assert.deepEqual(destination(['--ssh', 'builtin', '--ssh-option', 'IdentitiesOnly=yes']).options, [
    'IdentitiesOnly=yes',
  ]);
});
