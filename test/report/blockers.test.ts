import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryOf, verdictOfEntry } from '../../lib/report/entry.ts';
import { factsOf } from '../convert/samples.ts';
import { container, parseCsv, render, resultFor, warning } from './samples.ts';

const BLOCKER = {
  code: 'CGROUP_V2',
  text: 'its systemd cannot do that',
  evidence: 'systemd 219',
  remedy: 'choose another node',
};
const NODE = { name: 'root@node', at: '2026-01-02T03:04:05.678Z', pool: 'tank', availableBytes: '1000' };

const blocked = (ctid: string) => ({ ...container(ctid), node: NODE, blockers: [BLOCKER] });
const sized = (ctid: string, usedBytes: string | null) => {
  const document = container(ctid);
  return { ...document, node: NODE, source: { ...document.source, facts: factsOf({ usedBytes }) } };
};

describe('a container with a blocker', () => {
  it('is blocked, and says all of it, before all else', () => {
    const document = {
      ...blocked('101'),
      report: { ...container('101').report, warnings: [warning('DATA_OUTSIDE', null, 'critical')] },
    };
    assert.equal(verdictOfEntry(entryOf(document)), 'blocked');
    assert.equal(
      render('text', [document]),
      `101: blocked
  critical  blocker: its systemd cannot do that (systemd 219); choose another
            node [CGROUP_V2]
  critical  about DATA_OUTSIDE [DATA_OUTSIDE]

1 container: 0 clean, 0 need a person, 1 blocked, 0 failed
`,
    );
  });

  it('is counted by blocker and by node', () => {
    const documents = [blocked('101'), blocked('102'), container('103')];
    assert.match(render('text', documents, 'loss'), /critical +2 +CGROUP_V2 \(blocker\): its systemd/);
    assert.match(
      render('text', documents, 'node'),
      /3 containers: 1 clean, .* 2 blocked, [\s\S]*blocked +101, 102/,
    );
    const json = JSON.parse(render('json', documents));
    assert.deepEqual(json.verdicts.blocked, ['101', '102']);
    assert.equal(json.summary.blocked, 2);
    assert.equal(json.containers[0].findings[0].fate, 'blocker');
    const [header = [], row = []] = parseCsv(render('csv', documents, 'node'));
    assert.deepEqual(
      [row[header.indexOf('blocked')], row[header.indexOf('who_is_blocked')]],
      ['2', '101 102'],
    );
    assert.match(render('markdown', documents, 'node'), /\| blocked \| 101, 102 \|/);
  });
});

describe('a warning about a node', () => {
  it('says where it is seen and what to do', () => {
    const said = { ...warning('X', null), evidence: 'there', remedy: 'do it' };
    assert.match(
      render('text', [container('101', { report: { warnings: [said] } })]),
      /about X \(there\); do it \[X\]/,
    );
  });
});

describe('several containers for one pool', () => {
  const codes = (...sizes: (string | null)[]) =>
    resultFor(sizes.map((size, place) => sized(`10${place}`, size))).fleet.map(
      ({ code, text }) => `${code}: ${text}`,
    );

  it('have to find room together', () => {
    assert.deepEqual(codes('600', '401'), [
      'POOL_TOO_SMALL: pool root@node:tank has 1000 B, and together they have 1001 B',
    ]);
    assert.deepEqual(codes('600', '400'), []);
    assert.deepEqual(codes('1001', null), [], 'of one alone its own blocker says it');
  });
});
