import assert from 'node:assert/strict';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { OsctlContainer, VzMigration } from '../../lib/documents/documents.ts';
import { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { compareConfigs } from '../../lib/migrate/compare-configs.ts';
import { compareScripts, readDrift } from '../../lib/migrate/drift.ts';
import { NO_TIMES } from '../../lib/migrate/transfer/times.ts';
import { documentOf } from '../support/exports.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { startOpenVzNode } from '../support/nodes.ts';
import { sampleMigration } from '../support/sample-migration.ts';

describe('two configs', () => {
  const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['the same', 'HOSTNAME="a"', 'HOSTNAME="a"', []],
    ['another spelling', '# x\nA=1\nPHYSPAGES="0:256M"', 'PHYSPAGES=0:65536\n\nA=1', []],
    ['another order', 'IP_ADDRESS="10.0.0.1 10.0.0.2"', 'IP_ADDRESS="10.0.0.2 10.0.0.1"', []],
    ['a line that never counted', 'CPUS=2\nCPUS=1', 'CPUS=2', []],
    [
      'an address more',
      'IP_ADDRESS="10.0.0.1"',
      'IP_ADDRESS="10.0.0.1 10.0.0.5"',
      ['added IP_ADDRESS=10.0.0.5'],
    ],
    ['all addresses less', 'IP_ADDRESS="10.0.0.1"', '', ['removed IP_ADDRESS=10.0.0.1']],
    [
      'an interface more',
      'NETIF="ifname=eth0,bridge=br0"',
      'NETIF="ifname=eth0,bridge=br0;ifname=eth1,bridge=br1"',
      ['added NETIF=ifname=eth1,bridge=br1'],
    ],
    [
      'a feature',
      'FEATURES="nfs:on"',
      'FEATURES="nfs:off"',
      ['removed FEATURES=nfs:on', 'added FEATURES=nfs:off'],
    ],
    ['a value', 'PHYSPAGES="0:65536"', 'PHYSPAGES="0:131072"', ['changed PHYSPAGES: 0:65536 → 0:131072']],
    ['a key', 'A=1', 'B=2', ['removed A=1', 'added B=2']],
    ['one that is not readable', 'CPUS=2', 'CPUS=many', ['changed CPUS: 2 → many']],
    ['what was changed by us', 'ONBOOT=yes', 'ONBOOT=no\nDISABLED=yes', []],
  ];
  const ignored = new Set(['ONBOOT', 'DISABLED']);
  for (const [what, before, now, lines] of rows) {
    it(what, () => {
      const found = compareConfigs({
        before: Buffer.from(before),
        now: Buffer.from(now),
        ctid: '101',
        pageSize: 4096,
        ignored,
      });
      assert.deepEqual(found, lines);
    });
  }
});

it('action scripts', () => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')];
  const before = new Map([
    ['/1', a],
    ['/2', a],
    ['/3', null],
    ['/4', a],
    ['/6', null],
  ]);
  const now = new Map([
    ['/1', a],
    ['/2', b],
    ['/3', null],
    ['/5', b],
    ['/6', b],
  ]);
  assert.deepEqual(compareScripts(before, now), ['changed /2', 'removed /4', 'added /5', 'changed /6']);
});

it('is looked for on the node', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const container: OsctlContainer = JSON.parse(await documentOf(node));
  const drift = (change: Partial<VzMigration> = {}): Promise<string[]> =>
    readDrift({ journal: new MemoryJournal(sampleMigration({ container, ...change })), source: localHost });
  assert.deepEqual(await drift(), []);
  const [, script] = [node.vzctl('set', '101', '--onboot', 'no', '--save'), join(node.confDir, '101.umount')];
  assert.deepEqual(await drift(), ['changed ONBOOT: yes → no']);
  // Ours, once a transfer was tried: also where it has gone back.
  const transfer = NO_TIMES;
  assert.deepEqual(await drift({ transfer }), []);
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o755);
  writeFileSync(join(node.confDir, 'vps.mount'), Buffer.alloc(300_000));
  assert.deepEqual(await drift({ transfer }), [
    `added ${script}`,
    `added ${join(node.confDir, 'vps.mount')}`,
  ]);
  rmSync(join(node.confDir, '101.conf'));
  await assert.rejects(drift(), (error: unknown) => error instanceof VzError && error.exit === 66);
  assert.deepEqual(
    await drift({ container: { ...container, source: { ...container.source, configPath: null } } }),
    [],
  );
});
