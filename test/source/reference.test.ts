import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import {
  checkContainerId,
  isContainerId,
  parseHostOperand,
  parseOperand,
} from '../../lib/source/reference.ts';

/** `root@vz6:2222 101` for a container on a node, `101` for one here. */
function brief(word: string): string {
  const operand = parseOperand(word);
  if (operand.kind === 'stdin') return 'stdin';
  if (operand.kind === 'file') return `file ${operand.path}`;
  if (operand.kind === 'vzdump') return `vzdump ${operand.file}`;
  if (operand.kind === 'dead') return `dead ${operand.prefix} ${operand.name}`;
  const { host, name } = operand;
  if (host === null) return name;
  return `${host.user === null ? '' : `${host.user}@`}${host.name}${host.port === null ? '' : `:${host.port}`} ${name}`;
}

describe('operands', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['-', 'stdin'],
    ['101', '101'],
    ['dir:/mnt/dead:101', 'dead /mnt/dead 101'],
    ['dir:/mnt/a:b/:my web', 'dead /mnt/a:b my web'],
    ['vzdump:/dump/vzdump-openvz-101-x.tar.lzo', 'vzdump /dump/vzdump-openvz-101-x.tar.lzo'],
    ['web-1', 'web-1'],
    ['my server', 'my server'],
    ['./101', 'file ./101'],
    ['101.conf', 'file 101.conf'],
    ['/etc/vz/conf/101.conf', 'file /etc/vz/conf/101.conf'],
    ['/a:b/c', 'file /a:b/c'],
    ['vz6:101', 'vz6 101'],
    ['root@vz6.example.com:web', 'root@vz6.example.com web'],
    ['root@[2001:db8::1]:101', 'root@2001:db8::1 101'],
    ['ssh://vz6/101', 'vz6 101'],
    ['ssh://root@vz6:2222/101', 'root@vz6:2222 101'],
    ['ssh://[2001:db8::1]:22/web', '2001:db8::1:22 web'],
  ];
  for (const [word, expected] of rows) it(word, () => assert.equal(brief(word), expected));

  const bad = [
    '',
    '..',
    'a"b',
    'vz6:',
    ':101',
    '-oProxyCommand=x:101',
    'root@:101',
    '@vz6:101',
    'a b@vz6:1',
    'vz6 x:1',
  ];
  const badUrls = [
    'ssh://',
    'ssh://vz6',
    'ssh://vz6/',
    'ssh://vz6:99999/1',
    'ssh://vz6/a/b',
    'ssh://-x/1',
    'ssh://vz6/$(x)',
  ];
  for (const word of [...bad, ...badUrls]) {
    it(`refuses ${JSON.stringify(word)}`, () => {
      assert.throws(
        () => parseOperand(word),
        (error) => error instanceof VzError && error.exit === 64,
      );
    });
  }
});

it('hosts of --all', () => {
  assert.equal(parseHostOperand('root@vz6').name, 'vz6');
  assert.equal(parseHostOperand('ssh://root@vz6:2222').port, 2222);
  for (const word of ['', '-x', 'ssh://vz6/101', 'a/b']) {
    assert.throws(() => parseHostOperand(word), VzError, word);
  }
});

it('ids', () => {
  for (const id of ['1', '101', '2147483644']) assert.equal(checkContainerId(id), id);
  for (const id of ['0', '00', '0101', '2147483645', '99999999999']) {
    assert.equal(isContainerId(id), false);
    assert.throws(
      () => checkContainerId(id),
      (error) => error instanceof VzError && error.exit === 66,
    );
  }
  assert.throws(() => checkContainerId('0'), /the node itself/);
});
