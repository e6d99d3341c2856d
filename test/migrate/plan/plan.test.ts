import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import { VzError } from '../../../lib/errors.ts';
import { planStep } from '../../../lib/migrate/plan/plan.ts';
import { STEP_NAMES } from '../../../lib/migrate/steps/step.ts';
import { assertOrder, commands, migrationVia, OPTIONS, type Via } from './setup.ts';

const WAYS: readonly Via[] = ['files', 'root', 'receive'];
const PASS = {
  at: '2026-01-01T00:00:00Z',
  how: 'rsync',
  ms: 20_000,
  walkMs: 1000,
  bytes: '1048576',
} as const;
const STOPPED: VzMigration['source'] = {
  wasRunning: true,
  onboot: 'yes',
  disabled: 'no',
  snapshots: ['vz2osctl-101-sync-1'],
};

describe('the plan of', () => {
  it('stage: by root the container without data, over the protocol its skeleton', () => {
    const begun = { step: 'staging', target: null } as const;
    for (const via of ['files', 'root'] as const) {
      const lines = commands('stage', withAccounts(migrationVia(via, begun)));
      assert.deepEqual(
        lines.map((line) => line.replace(/printf .*\|/s, '… |')),
        [
          "ssh -n root@node 'osctl -q user new --map-uid 0:1000:65536 --map-gid 0:1000:65536 ct101'",
          "ssh -n root@node 'osctl -q group new /shop'",
          "ssh -n root@node 'osctl -q ct new --skip-image --distribution debian --version 7 --arch x86_64 --user ct101 --group /shop 101'",
          "ssh -n root@node '… | osctl -q ct config replace 101'",
        ],
      );
      assert.match(lines.join('\n'), /"vz2osctl:made": "user:ct101 group:\/shop"/);
    }
    const [skel, ...others] = commands('stage', migrationVia('receive', begun), { passphraseFile: "it's" });
    assert.equal(
      skel,
      "TOKEN=$(vz-parse-config root@vz6:101 | vz-to-osctl | osctl-bundle --skel | ssh -T -l osctl-ct-receive node receive 2 skel - \"$(head -n 1 'it'\\''s')\")",
    );
    assert.deepEqual(others, []);
  });

  it('sync of files: a tar, with the id maps off; then rsync', () => {
    const [maps, tar, ...rest] = commands('sync', migrationVia('files'), { bytesPerSecond: 2048 });
    assert.match(maps ?? '', /'zfs umount tank\/ct\/101 && zfs set uidmap=none gidmap=none /);
    assert.match(
      tar ?? '',
      /^ssh -n root@vz6 'nice .* tar -C \/vz\/private\/101 .*' \| pv -qL 2048 \| ssh root@node 'mkdir /,
    );
    assert.deepEqual(rest, []);
    const again = migrationVia('files', { step: 'synced', sync: { passes: [PASS], datasets: [] } });
    const [rsync, ...others] = commands('sync', again, { bytesPerSecond: 2048 });
    assert.match(
      rsync ?? '',
      /^ssh -nA root@node 'rsync .*--bwlimit=2\W.* -e ssh root@vz6:\/vz\/private\/101\/ \/tank\/ct\/101\/vz2osctl.incoming\/'$/,
    );
    assert.deepEqual(others, []);
    assert.match(planStep('sync', again, OPTIONS).join('\n'), /^# .*the last pass sent 1 MiB in 20 s$/m);
    const local = {
      ...again,
      container: { ...again.container, source: { ...again.container.source, host: null } },
    };
    assert.match(
      commands('sync', local)[0] ?? '',
      /^nice .* \/vz\/private\/101\/ root@node:\/tank\/ct\/101\/vz2osctl.incoming\/$/,
    );
  });

  it('sync of datasets: a snapshot that is held, a stream of each; then an increment', () => {
    const name = 'vz2osctl-101-sync-1700000000';
    assert.deepEqual(commands('sync', migrationVia('receive')), [
      `ssh -n root@vz6 'zfs snapshot -r vz/private/101@${name}'`,
      `ssh -n root@vz6 'zfs hold -r vz2osctl vz/private/101@${name}'`,
      `ssh -n root@vz6 'nice -n 19 ionice -c 3 zfs send vz/private/101@${name}' | ssh -T -l osctl-ct-receive node receive 2 base ${'a'.repeat(40)} / ${name}`,
      `ssh -n root@vz6 'nice -n 19 ionice -c 3 zfs send vz/private/101/var@${name}' | ssh -T -l osctl-ct-receive node receive 2 base ${'a'.repeat(40)} var ${name}`,
    ]);
    const [, , root, child] = commands('sync', migrationVia('root'));
    assert.match(
      root ?? '',
      / \| ssh root@node 'zfs umount \S*\/var; zfs umount tank\/ct\/101; zfs set canmount=off tank\/ct\/101; zfs recv -F -u tank\/ct\/101'$/,
    );
    assert.match(
      child ?? '',
      /'zfs create -o canmount=noauto .* tank\/ct\/101\/var <\/dev\/null && zfs recv -F -u /,
    );
    const confirmed = { name: 'vz2osctl-101-sync-1', guid: null };
    const again = migrationVia('receive', {
      step: 'synced',
      source: { ...STOPPED, snapshots: ['vz2osctl-101-sync-1'], onboot: null, disabled: null },
      sync: { passes: [{ ...PASS, how: 'base' }], datasets: [{ name: '', confirmed, doubtful: null }] },
    });
    const lines = commands('sync', again);
    assert.match(
      lines[2] ?? '',
      /zfs send -i @vz2osctl-101-sync-1 vz\/private\/101@vz2osctl-101-sync-1700000000' \| .* incremental /,
    );
    assert.match(lines[3] ?? '', /'zfs release -r vz2osctl .*-sync-1; zfs destroy -r .*-sync-1'$/);
  });

  it('transfer: a pass, the stop, the rest, the point of no return, the start', () => {
    const document = migrationVia('files', { step: 'synced', sync: { passes: [PASS], datasets: [] } });
    const lines = planStep('transfer', document, { ...OPTIONS, hooksDir: '/h', maxDowntimeMs: 60_000 });
    const order = [
      /^ssh -nA .*rsync/,
      /^# .*until it would be down for 60 s/,
      /\/h\/before-stop$/,
      /^# a guard/,
      /--onboot no --save'$/,
      /^# it is down .* about 30 s/,
      /'vzctl stop 101'$/,
      /^ssh -nA .*rsync/,
      /^# .* the point of no return/,
      /--disabled yes --save'$/,
      /mv -T \/tank\/ct\/101\/vz2osctl\.incoming \/tank\/ct\/101\/private'$/,
      /\/h\/switched$/,
      /zfs snapshot -r tank\/ct\/101@vz2osctl-101-switch'$/,
      /osctl -q ct start tank:101'$/,
      /autostart -p 1000 -d 5 tank:101'$/,
      /\/h\/started$/,
    ];
    assertOrder(lines, order);
    assert.deepEqual(commands('transfer', { ...document, step: 'transferred' }), []);
    const ploop = {
      ...document,
      container: {
        ...document.container,
        source: { ...document.container.source, layout: 'ploop' as const, rootPath: '/vz/root/101' },
      },
    };
    assertOrder(commands('transfer', ploop), [
      /vzctl stop 101 --skip-umount'$/,
      /\/vz\/root\/101\/ /,
      /--disabled yes/,
      /vzctl umount 101'$/,
    ]);
  });

  it('transfer over the protocol without a root session: it stays down until somebody starts it', () => {
    const document = migrationVia('receive');
    const { destination } = document;
    const lines = planStep(
      'transfer',
      { ...document, destination: { ...destination, rootSession: false, start: 'manual' } },
      OPTIONS,
    );
    assertOrder(lines, [
      /receive 2 transfer a+$/,
      /^# DOWN until you start it: ssh root@node osctl ct start tank:101$/,
    ]);
    assert.doesNotMatch(lines.filter((line) => !line.startsWith('#')).join('\n'), /root@node/);
  });

  it('rollback: the new one is kept from starting before the old one starts', () => {
    for (const via of WAYS) {
      const document = migrationVia(via, { step: 'transferred', source: STOPPED });
      assertOrder(commands('rollback', document), [
        /zfs diff tank\/ct\/101@/,
        ...(via === 'files' ? [] : [/zfs diff tank\/ct\/101\/var@vz2osctl-101-switch tank\/ct\/101\/var'$/]),
        /ct stop /,
        /unset autostart/,
        via === 'files' ? /mv -T .*private .*incoming/ : /canmount=off/,
        /--disabled no/,
        /'vzctl start 101'$/,
        /--onboot yes/,
      ]);
      const { destination } = document;
      assert.throws(
        () => commands('rollback', { ...document, destination: { ...destination, rootSession: false } }),
        /nobody can prove/,
      );
    }
  });

  it('sync behind a rollback: what is sent then is no change made there', () => {
    for (const via of ['files', 'root'] as const) {
      const lines = commands('sync', migrationVia(via, { step: 'returned', source: STOPPED }));
      assert.match(lines[0] ?? '', /zfs destroy -r tank\/ct\/101@vz2osctl-101-switch'$/);
    }
  });

  it('cancel and cleanup: what was made is removed from both', () => {
    for (const via of WAYS) {
      const document = withAccounts(migrationVia(via, { source: STOPPED }));
      const del = /osctl -q ct del tank:101'$/;
      assertOrder(commands('cancel', { ...document, step: 'stopping' }), [
        /--disabled no/,
        /vzctl start/,
        ...(via === 'receive'
          ? [/receive 2 cancel a+$/, del]
          : [del, /user del tank:ct101'$/, /group del tank:\/shop'$/]),
        /zfs destroy -r \S*sync-1'$/,
      ]);
      const cleaned = commands('cleanup', { ...document, step: 'transferred' }, { deleteSource: true });
      assertOrder(cleaned, [
        /zfs destroy -r \S*sync-1'$/,
        /vzctl destroy 101'$/,
        /zfs destroy -r tank\/ct\/101@vz2osctl-101-switch'$/,
        ...(via === 'receive' ? [/receive 2 cleanup a+$/] : []),
        /unset attr tank:101 vz2osctl:migration'$/,
      ]);
    }
  });

  it('a step that does not fit: what the step says', () => {
    const refused = {
      stage: null,
      sync: 'transferred',
      transfer: 'cancelling',
      cleanup: 'synced',
      rollback: 'synced',
      cancel: 'transferred',
      now: null,
    } as const;
    for (const step of STEP_NAMES) {
      const at = refused[step];
      if (at === null) continue;
      assert.throws(
        () => commands(step, migrationVia('files', { step: at })),
        (error) => error instanceof VzError && error.code === 'WRONG_STEP' && error.exit === 78,
        step,
      );
    }
  });
});

function withAccounts(document: VzMigration): VzMigration {
  const map = ['0:1000:65536'];
  return {
    ...document,
    container: { ...document.container, user: { name: 'ct101', uidMap: map, gidMap: map }, group: '/shop' },
  };
}
