import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { test } from 'node:test';
import type { Document } from '../../lib/documents/documents.ts';
import { configOf } from '../convert/samples.ts';
import { runPipe } from '../support/run-pipe.ts';
import { container, dropped, failed, parseCsv } from './samples.ts';

function lines(...documents: readonly Document[]): string {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('');
}

test('the whole corpus goes through the pipe, in every view and format', async () => {
  const directory = 'test/fixtures/openvz-conf';
  const files = readdirSync(directory).filter((name) => name.endsWith('.conf'));
  const parse = files.map(
    (name, index) => `vz-parse-config -q --ctid ${index + 101} "${directory}/${basename(name)}"`,
  );
  const fleet = await runPipe(`{ ${parse.join('; ')}; } | vz-to-osctl -q --report none`);
  assert.equal(fleet.code, 0, fleet.stderr);
  for (const by of ['container', 'loss', 'node']) {
    for (const format of ['text', 'markdown', 'csv', 'json']) {
      const flags = `--by ${by} --format ${format} --min-severity info`;
      const { code, stdout, stderr } = await runPipe([`vz-report ${flags}`], { input: fleet.stdout });
      assert.deepEqual([code, stderr], [0, ''], flags);
      if (format === 'text') assert.match(stdout, /^[\x20-\x7e\n]+$/);
      if (format === 'csv') assert.ok(parseCsv(stdout).length > 1);
      if (format === 'json') {
        const { summary } = JSON.parse(stdout) as { summary: { containers: number } };
        assert.equal(summary.containers, files.length);
      } else if (format !== 'csv') {
        assert.match(stdout, new RegExp(`\\n${files.length} containers: \\d+ clean, .*\\n$`));
      }
    }
  }
});

test('the defaults are text by container from minor on', async () => {
  const report = { ignored: [dropped('NUMPTY', 3), dropped('ODD', 4, { severity: 'info' })] };
  const input = lines(container('101', { host: 'vz6', report }));
  const { code, stdout, stderr } = await runPipe(['vz-report'], { input });
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.equal(
    stdout,
    [
      'root@vz6:101: clean (1 info not shown)',
      '  minor     101.conf:3 NUMPTY="16:16" dropped: no counterpart in vpsAdminOS',
      '',
      '1 container: 1 clean, 0 need a person, 0 failed',
      '',
    ].join('\n'),
  );
});

test('containers that failed are shown, and the exit code is the worst of theirs', async () => {
  const broken = { ...container('3'), id: 'a/b' };
  const input = lines(failed('7'), container('2'), broken, { ...failed(null), exit: 69 });
  const { code, stdout, stderr } = await runPipe(['vz-report'], { input });
  assert.equal(code, 69);
  assert.match(stdout, /^7: failed\n {2}critical {2}failed: vz-parse-config: ct 7: no such container/m);
  assert.match(stdout, /^3: failed\n {2}critical {2}failed: vz-report: line 3: id: expected an id/m);
  assert.match(stdout, /^\(no id\): failed$/m);
  assert.match(stdout, /^4 containers: 1 clean, 0 need a person, 3 failed$/m);
  assert.match(stderr, /^vz-report: line 3: id: expected an id .*\n$/);
});

const BAD_INPUT = [
  ['', /stdin: empty, expected documents of kind osctl-container; did an earlier stage fail\?/],
  ['{"kind":"osctl-container"', /line 1: not JSON/],
  ['7\n', /line 1: expected a JSON object/],
  [lines(configOf('')), /line 1: kind: expected osctl-container, got "vz-config"; put vz-to-osctl before/],
  ['{"kind":"other"}\n', /line 1: kind: expected osctl-container, got "other"/],
  [`${lines(container('1'))}{"kind":"vz-config"}\n`, /line 2: kind: .*put vz-to-osctl before/],
] as const;

for (const [input, message] of BAD_INPUT) {
  test(`input ${JSON.stringify(input.slice(0, 30))} of ${input.length} ends with 65, without an end`, async () => {
    for (const format of ['text', 'json']) {
      const { code, stdout, stderr } = await runPipe([`vz-report --format ${format}`], { input });
      assert.equal(code, 65);
      assert.match(stderr, message);
      assert.doesNotMatch(stdout, /^\d+ containers?:|"summary"/m);
    }
  });
}

test('bad flags end with 64 before anything is read', async () => {
  for (const flags of ['--by ctid', '--format html', '--min-severity none', 'fleet.ndjson']) {
    const { code, stdout } = await runPipe([`vz-report ${flags}`], { input: lines(container('1')) });
    assert.deepEqual([code, stdout], [64, ''], flags);
  }
});

test('a reader that goes away ends it with 141 and no words', async () => {
  const ignored = Array.from({ length: 50 }, (_, index) =>
    dropped(`A${index}`, index + 1, { reason: `${index}` }),
  );
  const input = lines(
    ...Array.from({ length: 500 }, (_, index) => container(String(index + 1), { report: { ignored } })),
  );
  for (const by of ['container', 'node']) {
    const { codes, stderr } = await runPipe([`vz-report --by ${by} --format json`, 'head -c 1 >/dev/null'], {
      input,
    });
    if (by === 'container') assert.equal(codes[0], 141);
    assert.equal(stderr, '');
  }
});

test('a container is written when it comes, and SIGTERM ends it with 143 and without an end', async () => {
  const child = spawn(resolve('dist/bin/vz-report'), { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    child.kill('SIGTERM');
  });
  child.stdin.write(lines(container('1')));
  const [code] = (await ended) as [number | null];
  assert.equal(code, 143);
  assert.equal(stdout, '1: clean\n');
});

test('a fleet of 10,000 goes through 24 MiB of heap, in every view', async () => {
  const ignored = Array.from({ length: 30 }, (_, index) => dropped(`KEY${index}`, index + 1));
  const one = JSON.stringify(container('CTID', { host: 'vz6', report: { ignored } }));
  const script = `for (let i = 1; i <= 10000; i += 1) process.stdout.write(process.env.ONE.replaceAll('CTID', i) + '\\n')`;
  for (const by of ['container', 'loss', 'node']) {
    const { code, stdout, stderr } = await runPipe(
      [
        `node -e "${script}"`,
        `NODE_OPTIONS=--max-old-space-size=24 vz-report --by ${by} --format json`,
        'tail -n 7',
      ],
      { env: { ...process.env, ONE: one } },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"containers": 10000,\n {4}"clean": 10000,/);
  }
});
