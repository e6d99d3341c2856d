import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import datasets from '../../../lib/migrate/zfs/datasets.sh';
import making from '../../../lib/osctl/make-container.sh';
import { compactScript } from '../../../lib/osctl/script.ts';
import { makePool } from '../../support/zfs-pool.ts';

test('datasets whose pool has a blank in its name are mounted, and kept from being mounted', (t) => {
  const pool = makePool(t, { sizeMib: 128 });
  if (!pool) return;
  const root = `${pool.name}/my data/ct/101`;
  const all = [root, `${root}/var`, `${root}/var/lib`];
  pool.zfs('create', '-p', `${pool.name}/my data/ct`);
  for (const name of all) pool.zfs('create', '-o', 'canmount=noauto', name);
  const run = (line: string, dataset = root): string =>
    execFileSync('sh', ['-c', compactScript([making, datasets, line].join('\n')), 'sh', dataset], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
  const property = (name: string): string[] =>
    all.map((one) => pool.zfs('get', '-H', '-o', 'value', name, one).trim());
  run('dataset=$1; mount_all');
  assert.deepEqual(property('mounted'), ['yes', 'yes', 'yes']);
  run('dataset=$1; forbid_mounts');
  assert.deepEqual(property('mounted'), ['no', 'no', 'no']);
  assert.equal(property('canmount')[0], 'off');
  for (const verb of ['mount_all', 'unmount_all'])
    assert.throws(() => run(`dataset=$1; ${verb}`, `${root}/none`), verb);
});
