import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { convert, documentOf, parse } from '../support/exports.ts';
import { runPipe, startOpenVzNode } from '../support/nodes.ts';

const INPUTS: readonly [string, string, number, RegExp][] = [
  ['nothing', '', 65, /stdin: empty/],
  ['no JSON', 'x\n', 65, /line 1: not JSON/],
  ['a cut-off document', '{"kind":"osctl-container",', 65, /line 1: not JSON/],
  [
    'another document',
    '{"kind":"vz-config","schema":1}\n',
    65,
    /kind: expected osctl-container, got "vz-config"; vz-to-osctl writes these/,
  ],
  [
    'the error of an earlier stage',
    '{"kind":"vz-error","schema":1,"ctid":"101","program":"vz-parse-config","code":"X","exit":66,"message":"no such container"}\n',
    66,
    /ct 101: vz-parse-config failed: no such container/,
  ],
];
for (const program of ['vz-rootfs-tar', 'osctl-bundle']) {
  for (const [name, input, exit, says] of INPUTS) {
    test(`${program}: ${name} on stdin`, async () => {
      const result = await runPipe([program], { input });
      assert.equal(result.code, exit, result.stderr);
      const tarIsExpected = program === 'osctl-bundle' && !input.startsWith('{') && input !== '';
      assert.match(result.stderr, tarIsExpected ? /^osctl-bundle: / : says);
      assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
      assert.equal(result.stdout, '');
    });
  }
}

test('two documents for a program that takes one', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const result = await runPipe(['vz-rootfs-tar'], { env: node.env, input: document + document });
  assert.equal(result.code, 64);
  assert.match(result.stderr, /line 2: a second document/);
});

test('usage errors of osctl-bundle', async () => {
  for (const [script, says] of [
    ['osctl-bundle --payload rootfs/base.tar.gz=b </dev/null', /only with --container/],
    ['vz-rootfs-tar --stall 0s </dev/null', /--stall: expected at least 1s/],
    ['echo x | osctl-bundle --skel', /expected a document on stdin, not a bundle stream/],
    ['osctl-bundle --container x --payload rootfs/base.tar=b </dev/null', /is no name that osctld knows/],
    ['osctl-bundle --segment-size 10 </dev/null', /--segment-size: expected 512 bytes to 64M/],
    ['osctl-bundle --segment-size 65M </dev/null', /--segment-size: expected 512 bytes to 64M/],
    [
      'osctl-bundle --container x --payload rootfs/base.tar.gz=a --payload rootfs/base.tar.gz=b',
      /--payload: rootfs\/base.tar.gz is given twice/,
    ],
    ['osctl-bundle extra </dev/null', /unexpected "extra"/],
  ] as const) {
    const result = await runPipe(script);
    assert.match(result.stderr, says, script);
    assert.ok([64, 66, 65].includes(result.code), `${script}: ${result.code}`);
  }
});

test('-o refuses what a rename would replace', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  for (const [path, says] of [
    ['/dev/null', /is no regular file; use a redirection/],
    [node.dir, /is no regular file/],
    [join(node.dir, 'no/such/a.tar'), /cannot be created \(ENOENT\)/],
  ] as const) {
    const result = await runPipe([`osctl-bundle --skel -o ${path}`], { input: document });
    assert.equal(result.code, 73, result.stderr);
    assert.match(result.stderr, says);
  }
  assert.ok(readFileSync('/dev/null').length === 0);
});

test('a cut-off payload file makes no archive', async (t) => {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 2 });
  const script = `
    ${parse(node)} | ${convert} > ${node.dir}/101.json
    vz-rootfs-tar --raw --no-consistent < ${node.dir}/101.json | head -c 50000 > ${node.dir}/cut.gz
    osctl-bundle --container ${node.dir}/101.json --payload rootfs/base.tar.gz=${node.dir}/cut.gz -o ${node.dir}/a.tar`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 65, result.stderr);
  assert.match(result.stderr, /cut.gz: not a whole gzip file \(unexpected end of file\)/);
  assert.ok(!readdirSync(node.dir).includes('a.tar'));
});

test('-o through a link writes what it points to; an old archive that was longer leaves nothing behind', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const archive = join(node.dir, 'real.tar');
  writeFileSync(archive, 'x'.repeat(100_000));
  symlinkSync('real.tar', join(node.dir, 'link.tar'));
  for (const output of ['-o link.tar', '1<> real.tar']) {
    const script = `cd ${node.dir}; osctl-bundle --skel ${output} < 101.json && tar tf real.tar | tail -n 1 && stat -c %s real.tar && readlink link.tar`;
    writeFileSync(join(node.dir, '101.json'), document);
    const result = await runPipe(script, { env: node.env });
    assert.match(result.stdout, /^metadata.yml\n\d{4}\nreal.tar$/m, JSON.stringify(result));
    writeFileSync(archive, 'x'.repeat(100_000));
  }
});
