import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from './needs.ts';
import { runPipe, startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';

test('ct devices add: what osctl and osctld refuse, and what ct devices ls shows then', (t) => {
  const node = startNode(t);
  if (!node) return;
  const notThere = "error: device 'b 8:1 r' not available in group 'tank:/default'\n";
  const badMode = 'error: invalid mode, allowed characters are: r for read, w for write, m for mknod\n';
  for (const [words, code, message] of [
    ['101 block 8 1 r', 1, notThere],
    ['-p 101 disk 8 1 r', 64, 'error: device type has to be one of: block, char\n'],
    ['-p 101 block 8 1 rwx', 1, badMode],
    ['-p 101 block 8 1 rr', 1, badMode],
    ['-p 102 block 8 1 r', 1, 'error: container not found\n'],
    ['-p tank:101 block 8 1 r /dev/sda1', 0, ''],
    ['-p tank:101 block 8 1 r /dev/sda1', 1, 'error: device already exists\n'],
    // Handed down by the group.
    ['-p 101 char 1 3 rwm /dev/null', 1, 'error: device already exists\n'],
  ] as const) {
    const result = node.osctl(['ct', 'devices', 'add', ...words.split(' ')]);
    assert.deepEqual([result.code, result.stderr], [code, message], words);
  }
  const listed = JSON.parse(node.osctl(['-j', 'ct', 'devices', 'ls', 'tank:101']).stdout);
  assert.deepEqual(
    listed.filter(({ inherited }: { inherited: boolean }) => !inherited),
    [
      {
        type: 'block',
        major: '8',
        minor: '1',
        mode: 'r',
        name: '/dev/sda1',
        inherit: false,
        inherited: false,
      },
    ],
  );
  assert.equal(listed.length, 11);
  // The group has it now, but only for reading.
  node.osctl([...CREATE, '102']);
  const mode = "error: group 'tank:/default' provides only mode 'r' for device 'b 8:1 rw'\n";
  assert.equal(node.osctl(['ct', 'devices', 'add', '102', 'block', '8', '1', 'rw']).stderr, mode);
  assert.equal(node.osctl(['ct', 'devices', 'add', '-p', '102', 'block', '8', '1', 'rw']).code, 0);
});

test('zfs set refquota: what zfs refuses, and what zfs get says', async (t) => {
  const node = startNode(t);
  if (!node) return;
  writeFileSync(join(node.dir, 'tank/ct/101/data'), 'x'.repeat(100_000));
  const set = async (value: string, dataset = 'tank/ct/101'): Promise<string> => {
    const script = `zfs set "refquota=$VALUE" ${dataset} && zfs get -H -o value refquota ${dataset}`;
    const result = await runPipe(script, { env: { ...node.nodeEnv, VALUE: value } });
    return (result.stdout + result.stderr).trimEnd();
  };
  const no = "cannot set property for 'tank/ct/101': ";
  for (const [value, answer] of [
    ['10737418240', '10G'],
    ['2g', '2G'],
    ['none', 'none'],
    ['0', `${no}use 'none' to disable quota/refquota`],
    ['1000', `${no}size is less than current used or reserved space`],
    ['', `${no}bad numeric value ''`],
    ['-1', `${no}bad numeric value '-1'`],
    ['10G; reboot', `${no}invalid numeric suffix 'G; reboot'`],
    ['18446744073709551616', `${no}numeric value is too large`],
  ] as const) {
    assert.equal(await set(value), answer);
  }
  assert.equal(await set('10G', 'tank/ct/102'), "cannot open 'tank/ct/102': dataset does not exist");
  await set('10G');
  const exact = await runPipe('zfs get -Hp -o value refquota tank/ct/101', { env: node.nodeEnv });
  assert.equal(exact.stdout, '10737418240\n');
});

/** A node with the empty container 101. */
function startNode(t: TestContext): VpsAdminOsNode | undefined {
  if (!needs(t, 'ruby', 'sshd', 'ssh')) return undefined;
  const node = startVpsAdminOsNode(t);
  assert.equal(node.osctl([...CREATE, '101']).code, 0);
  return node;
}

const CREATE = '-q ct new --skip-image --distribution debian --version 7 --arch x86_64'.split(' ');
