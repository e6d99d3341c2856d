import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/needs.ts';
import { runPipe, startOpenVzNode } from '../support/nodes.ts';

test('the recipe for many containers: GNU parallel goes on past a bad one, and a second run does only that', async (t) => {
  if (!needs(t, 'parallel')) return;
  const node = startOpenVzNode(t, { plain: true, ploop: true });
  const config = join(node.confDir, '102.conf');
  renameSync(config, `${config}.hidden`);
  const pipe = `vz-parse-config --conf-dir ${node.confDir} {} | vz-to-osctl -q --report none | vz-rootfs-tar -q | osctl-bundle -o ${node.dir}/ct-{}.tar`;
  const script = `printf '%s\\n' 101 102 | parallel --will-cite -j 2 --joblog ${node.dir}/moved.log --resume-failed '${pipe}'`;
  const first = await runPipe([script], { env: node.env });
  assert.equal(first.code, 1, first.stderr);
  const exits = (): string[] =>
    readFileSync(join(node.dir, 'moved.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t')[6] ?? '');
  assert.deepEqual(exits().sort(), ['0', '65']);
  assert.ok(!existsSync(join(node.dir, 'ct-102.tar')));
  const before = node.log().length;
  renameSync(`${config}.hidden`, config);
  const second = await runPipe([script], { env: node.env });
  assert.equal(second.code, 0, second.stderr);
  assert.ok(existsSync(join(node.dir, 'ct-102.tar')));
  const touched = node.log().slice(before);
  assert.ok(touched.length > 0);
  assert.deepEqual([...new Set(touched.map(({ ctid }) => ctid))], ['102'], '101 was done');
});
