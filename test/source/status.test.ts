import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusFacts } from '../../lib/documents/facts.ts';
import { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { parseStatus, readStatus } from '../../lib/source/status.ts';
import { startOpenVzNode } from '../support/nodes.ts';

const parse = (output: string, code = 0, stderr = ''): StatusFacts =>
  parseStatus({ ctid: '101', label: 'node', exit: { code, signal: null, stderr }, output });
const brief = (status: StatusFacts): string =>
  Object.entries(status)
    .filter(([, on]) => on)
    .map(([name]) => name)
    .join(' ');
const failsWith = (exit: number, code: string) => (error: unknown) =>
  error instanceof VzError && error.exit === exit && error.code === code;

describe('vzctl status', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['CTID 101 deleted unmounted down', ''],
    ['CTID 101 deleted mounted running', 'mounted running'],
    ['CTID 101 exist unmounted down', 'exists'],
    ['CTID 101 exist mounted down', 'exists mounted'],
    ['CTID 101 exist mounted running', 'exists mounted running'],
    ['CTID 101 exist unmounted running', 'exists running'],
    ['CTID 101 exist unmounted down suspended', 'exists suspended'],
    ['CTID 101 exist mounted down suspended', 'exists mounted suspended'],
    ['VEID 101 exist mounted running', 'exists mounted running'],
    ['Warning: something\nCTID 101 exist mounted running', 'exists mounted running'],
  ];
  for (const [line, expected] of rows) {
    it(line, () => assert.equal(brief(parse(`${line}\n`)), expected));
  }

  it('refuses what is no status of this container', () => {
    for (const output of ['', 'CTID 102 exist mounted running\n', 'VEID 101 exist mounted stopped\n']) {
      assert.throws(() => parse(output), failsWith(69, 'BAD_STATUS'));
    }
  });
  it('has an error of its own for each exit code', () => {
    assert.throws(() => parse('', 21, 'Bad CT ID 101'), failsWith(66, 'NO_CONTAINER'));
    assert.throws(() => parse('', 5), failsWith(69, 'NO_OPENVZ'));
    assert.throws(() => parse('', 127), failsWith(69, 'PROGRAM_MISSING'));
    assert.throws(
      () => parse('', 5, 'Unable to open /dev/vzctl: Permission denied'),
      failsWith(77, 'NOT_ALLOWED'),
    );
  });
  it('asks a node', async (t) => {
    const node = startOpenVzNode(t, { plain: true });
    const before = { PATH: process.env['PATH'], VZ_STANDIN: process.env['VZ_STANDIN'] };
    t.after(() => Object.assign(process.env, before));
    Object.assign(process.env, node.env);
    assert.equal(brief(await readStatus(localHost, '101')), 'exists mounted running');
    assert.equal(brief(await readStatus(localHost, '999')), '');
    process.env['PATH'] = '/nonexistent';
    await assert.rejects(readStatus(localHost, '101'), failsWith(69, 'PROGRAM_MISSING'));
  });
});
