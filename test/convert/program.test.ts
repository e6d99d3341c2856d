import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { flagLabel } from '../../lib/cli/help.ts';
import { allFlags } from '../../lib/cli/spec.ts';
import { vzToOsctl } from '../../lib/cli/specs/vz-to-osctl.ts';
import type { OsctlContainer, VzConfig } from '../../lib/documents/documents.ts';
import { runPipe } from '../support/run-pipe.ts';
import { configOf, factsOf } from './samples.ts';

function lines(...documents: object[]): string {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('');
}

function numbered(ctid: string): VzConfig {
  return { ...configOf('IP_ADDRESS="10.0.0.1"\nNUMFLOCK="188:206"\nONBOOT="yes"\nVE_LAYOUT="simfs"'), ctid };
}

const FAILED = { kind: 'vz-error', schema: 1, ctid: '7', program: 'vz-parse-config' } as const;

test('one document in, one document out, and the report on stderr', async () => {
  const result = await runPipe(['vz-to-osctl --netif-type routed'], { input: lines(numbered('101')) });
  assert.equal(result.code, 0);
  const container = JSON.parse(result.stdout) as OsctlContainer;
  assert.equal(container.kind, 'osctl-container');
  assert.equal(container.config.net_interfaces[0]?.type, 'routed');
  assert.match(result.stderr, /^vz-to-osctl: warning: ct 101: .* \[DISTRIBUTION_UNKNOWN\]$/m);
  assert.match(
    result.stderr,
    /^Consumed config items:\n(?: {2}.*\n)* {2}ONBOOT {5}= yes {7}-> autostart\n(?: {2}.*\n)*Ignored config items:\n {2}NUMFLOCK {3}= 188:206 {3}\(no counterpart in vpsAdminOS\)\n$/m,
  );
  assert.doesNotMatch(result.stderr, /^ct 101:$/m);
});

test('several containers get a heading each, and errors of an earlier stage pass', async () => {
  const error = { ...FAILED, code: 'NO_CONTAINER', exit: 66, message: 'ct 7: no such container' };
  const input = lines(numbered('101'), error, numbered('102'));
  const result = await runPipe(['vz-to-osctl'], { input });
  assert.equal(result.code, 66);
  const kinds = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.deepEqual(kinds, ['osctl-container', 'vz-error', 'osctl-container']);
  assert.match(result.stderr, /^ct 101:\nConsumed(?:.*\n)*ct 102:\nConsumed/m);
});

test('a flag for one container refuses the second one, and the first is there', async () => {
  const input = lines(numbered('101'), numbered('102'));
  const result = await runPipe(['vz-to-osctl --as-id web --report none'], { input });
  assert.equal(result.code, 64);
  const [first, second] = result.stdout.trimEnd().split('\n');
  assert.match(first ?? '', /"id":"web"/);
  assert.match(second ?? '', /"kind":"vz-error".*"ONE_CONTAINER_ONLY"/);
  assert.match(result.stderr, /ct 102: --as-id is for one container/);
});

const BAD_INPUT = [
  ['', 65, /stdin: empty/],
  ['{"kind":"vz-config"', 65, /line 1: not JSON/],
  ['[]\n', 65, /line 1: expected a JSON object/],
  [
    '{"kind":"osctl-container"}\n',
    65,
    /line 1: kind: expected vz-config, got "osctl-container"; vz-parse-config/,
  ],
  [lines({ ...configOf(''), schema: 2 }), 65, /schema: 2 is newer/],
  [lines({ ...configOf(''), items: [{ key: 1 }] }), 65, /line 1: items\[0\]\.key/],
] as const;

for (const [input, code, message] of BAD_INPUT) {
  test(`input ${JSON.stringify(input.slice(0, 40))} ends with ${code}`, async () => {
    const result = await runPipe(['vz-to-osctl'], { input });
    assert.equal(result.code, code);
    assert.match(result.stderr, message);
    assert.doesNotMatch(result.stdout, /"kind":"osctl-container"/);
  });
}

test('a ploop container whose image is missing ends with 78, and the others go on', async () => {
  const noImage = { ...configOf('VE_LAYOUT="ploop"', { facts: factsOf({ layout: 'simfs' }) }), ctid: '7' };
  const result = await runPipe(['vz-to-osctl --report none'], { input: lines(noImage, numbered('101')) });
  assert.equal(result.code, 78);
  assert.match(result.stdout, /^.*"PLOOP_IMAGE_MISSING".*\n.*"kind":"osctl-container".*\n$/);
  assert.match(result.stderr, /^vz-to-osctl: ct 7: VE_LAYOUT is ploop, .*; is its file system mounted\?$/m);
});

test('bad flags end with 64 before anything is read', async () => {
  const result = await runPipe(['vz-to-osctl --netif-hwaddr 01:00:00:00:00:00'], {
    input: lines(numbered('1')),
  });
  assert.equal(result.code, 64);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^vz-to-osctl: --netif-hwaddr: expected a unicast address.*\n$/);
});

test('a reader that goes away ends it with 141 and no words', async () => {
  const input = lines(...Array.from({ length: 2000 }, (_, index) => numbered(String(index + 1))));
  const result = await runPipe(['vz-to-osctl -q', 'head -c 1 >/dev/null'], { input });
  assert.equal(result.codes[0], 141);
  assert.equal(result.stderr, '');
});

test('--quiet and --report none say less, --schema and --pretty show more', async () => {
  const input = lines(numbered('101'));
  assert.equal((await runPipe(['vz-to-osctl --quiet'], { input })).stderr, '');
  assert.doesNotMatch((await runPipe(['vz-to-osctl --report none'], { input })).stderr, /Consumed/);
  const schema = JSON.parse((await runPipe(['vz-to-osctl --schema'])).stdout) as { type: string };
  assert.equal(schema.type, 'object');
  assert.match(
    (await runPipe(['vz-to-osctl --pretty -q'], { input })).stdout,
    /^ {2}"kind": "osctl-container",$/m,
  );
});

test('the manual has every flag of the table, with the same label, and every warning', () => {
  const manual = readFileSync('cmd/vz-to-osctl.8.md', 'utf8');
  for (const flag of allFlags(vzToOsctl))
    assert.ok(manual.includes(`\`${flagLabel(flag)}\``), flagLabel(flag));
  for (const topic of ['autostart', 'distribution', 'identity', 'memory', 'network', 'source', 'target']) {
    const source = readFileSync(`lib/convert/${topic}.ts`, 'utf8');
    for (const [, code = ''] of source.matchAll(/warn\(\s*'([A-Z_]+)'/g))
      assert.ok(manual.includes(code), code);
  }
});
