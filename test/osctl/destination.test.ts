import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import { sshLogin } from '../../lib/host/ssh-arguments.ts';
import { parseDestination } from '../../lib/osctl/destination.ts';
import type { SshChoice } from '../../lib/ssh/flags.ts';

const NO_SSH: SshChoice = {
  client: 'openssh',
  identity: null,
  legacy: false,
  options: [],
  hostKeyChecking: 'yes',
};

test('the forms of a destination', () => {
  const cases: [string, string | null, string, number | null, string | null][] = [
    ['node', null, 'node', null, null],
    ['root@node', 'root', 'node', null, null],
    ['root@node.example.com:tank', 'root', 'node.example.com', null, 'tank'],
    ['root@[2001:db8::1]:tank', 'root', '2001:db8::1', null, 'tank'],
    ['[fe80::1%eth0]', null, 'fe80::1%eth0', null, null],
    ['ssh://root@node:2222/tank', 'root', 'node', 2222, 'tank'],
    ['ssh://node/', null, 'node', null, null],
    ['ssh://[::1]:22', null, '::1', 22, null],
  ];
  for (const [text, user, name, port, pool] of cases) {
    const { host, pool: foundPool } = parseDestination(text, NO_SSH);
    assert.deepEqual([host.user, host.name, host.port, foundPool], [user, name, port, pool], text);
  }
});

test('what could be a flag, a command or nothing is refused', () => {
  const bad = [
    '',
    '-oProxyCommand=reboot',
    'root@-x',
    'a b',
    'node:',
    'node:a/b',
    '@node',
    'node:-r',
    '$(x)',
    '::1',
  ];
  for (const text of [...bad, 'ssh://node:99999', 'ssh://', 'node\n']) {
    assert.throws(
      () => parseDestination(text, NO_SSH),
      (error) => error instanceof VzError && error.exit === 64,
      JSON.stringify(text),
    );
  }
});

test('a command for people has the port, the key and the options of the run', () => {
  const login = (text: string, ssh = NO_SSH): string => sshLogin(parseDestination(text, ssh).host);
  assert.equal(login('node'), 'ssh node');
  const key = { ...NO_SSH, identity: '/k y', options: ['Compression=no'] };
  assert.equal(
    sshLogin(parseDestination('ssh://root@node:2222/tank', key).host),
    "ssh -p 2222 -i '/k y' -o 'Compression=no' root@node",
  );
});
