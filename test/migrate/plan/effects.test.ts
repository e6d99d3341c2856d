import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { planStep } from '../../../lib/migrate/plan/plan.ts';
import type { Run } from '../../../lib/migrate/run.ts';
import { STEPS } from '../../../lib/migrate/steps/index.ts';
import type { StepName } from '../../../lib/migrate/steps/step.ts';
import { NO_TIMES } from '../../../lib/migrate/transfer/times.ts';
import { MemoryJournal } from '../../support/memory-journal.ts';
import { makeHook } from '../../support/migrations.ts';
import { startMoving as startStreams } from '../../support/moving.ts';
import { startMoving as startFiles } from '../files/setup.ts';
import { OPTIONS } from './setup.ts';

const AND_BACK: readonly StepName[] = ['stage', 'sync', 'sync', 'transfer', 'rollback', 'cancel'];
const FOR_GOOD: readonly StepName[] = ['stage', 'sync', 'transfer', 'cleanup'];

test('files: each step has the effects of its plan, in that order', async (t) => {
  const moving = await startFiles(t);
  if (!moving) return;
  const hooksDir = join(moving.source.dir, 'hooks');
  for (const name of ['before-stop', 'switched', 'started', 'returned']) makeHook(hooksDir, name);
  await compare(moving.run, AND_BACK, hooksDir);
});

test('files: a step behind a run that has died, too', async (t) => {
  const moving = await startFiles(t, { plain: true });
  if (!moving) return;
  const { run, source, journal } = moving;
  await compare(run, ['stage', 'sync']);
  const before = { ...journal.document.source, wasRunning: true, onboot: 'yes' } as const;
  source.vzctl('stop', '101');
  await journal.save({ step: 'stopping', source: before });
  await compare(run, ['sync']);
  source.vzctl('stop', '101');
  await journal.save({ step: 'switching', source: { ...before, disabled: 'no' }, transfer: NO_TIMES });
  await compare(run, ['transfer']);
});

const STREAMS = [
  { generation: 1, via: 'receive', steps: AND_BACK },
  { generation: 2, via: 'receive', steps: FOR_GOOD },
  { generation: 2, via: 'root', steps: FOR_GOOD },
] as const;

for (const { steps, ...options } of STREAMS) {
  const how = options.via === 'root' ? 'by root' : `over generation ${options.generation}`;
  test(`streams ${how}: each step has the effects of its plan, in that order`, async (t) => {
    const moving = await startStreams(t, { ...options, children: ['data'] });
    if (moving) await compare(moving.run, steps);
  });
}

async function compare(run: Run, steps: readonly StepName[], hooksDir?: string): Promise<void> {
  const { journal } = run;
  assert.ok(journal instanceof MemoryJournal);
  for (const step of steps) {
    const options = { ...OPTIONS, hooksDir, guestFix: { only: null, skip: [] }, dropChanges: true };
    const planned = effectsOf(planStep(step, journal.document, options));
    journal.notes.length = 0;
    await STEPS[step](run, options);
    const done: string[] = journal.notes.flatMap((note) =>
      note.startsWith('begin ') ? [note.slice(6)] : [],
    );
    assert.deepEqual(planned, comparable(done), step);
  }
}

/** What the lines do, by the names of the effects in the journal. */
function effectsOf(lines: readonly string[]): string[] {
  return comparable(
    lines.flatMap((line) => {
      const [pattern, name] = EFFECTS.find(([one]) => one.test(line)) ?? [];
      assert.ok(pattern || WITHOUT.test(line), line);
      return pattern && name !== undefined ? [line.replace(pattern, name)] : [];
    }),
  );
}

/** Numbers differ, and some effects are there with nothing to do. */
function comparable(effects: readonly string[]): string[] {
  return effects
    .filter((name) => !MAY_BE_EMPTY.has(name))
    .map((name) => name.replace(/-sync-\d+/, '-sync-N'))
    .filter((name, index, all) => name !== all[index - 1]);
}

const COMMIT_OF_FILES = 'zfs set uidmap gidmap, mv vz2osctl.incoming private';
const EFFECTS: readonly (readonly [RegExp, string])[] = [
  [/^.*osctl -q ct new .*$/, 'osctl ct new'],
  [/^.*osctl -q ct runscript .*$/, 'osctl ct runscript'],
  [/^.* receive (?:2 )?(skel|transfer|cancel|cleanup) .*$/, 'receive $1'],
  [/^.*uidmap=none.*zfs mount.*$/, 'zfs set uidmap=none gidmap=none'],
  [/^.*'uidmap=\d.*$|^.*uidmap=\d.*zfs mount.*$/, COMMIT_OF_FILES],
  [/^.* tar -C .*$/, 'tar to the new node'],
  [/^.*rsync -a.*$/, 'rsync to the new node'],
  [/^.*zfs snapshot -r \S*-sync-\d+'?$/, 'zfs snapshot'],
  [/^.*zfs hold -r .*$/, 'zfs hold'],
  [/^.*zfs snapshot -r \S*-switch'?$/, 'zfs snapshot of the target, devices'],
  [/^.*refquota=.*$/, 'zfs set refquota'],
  [/^.*ct devices add.*$/, 'osctl ct devices add'],
  [/^.*zfs send (?:-[Lec]+ )?(?:-i \S+ )?(\S+-sync-\d+).*$/, 'zfs send $1'],
  [/^.*zfs destroy -r [^@]*@(vz2osctl-\d+-sync-\d+).*$/, 'zfs destroy $1'],
  [/^.*zfs destroy -r \S*-switch'?$/, 'zfs destroy of the snapshot at the switch'],
  [/^.*xargs -r -n 1 zfs destroy.*$/, 'zfs destroy of snapshots on the target'],
  [/^.*vzctl stop .*$/, 'vzctl stop'],
  [/^.*vzctl ((?:set|start|mount|umount) [^']*).*$/, 'vzctl $1'],
  [/^# a (?:guard on its node|new guard) .*$/, 'take the guard'],
  [/^# the guard is told .*$/, 'disarm the guard'],
  [/^# the guard gives .*$/, 'let the guard go'],
  [/^test ! -x .*\/(before-stop|switched|started|returned)$/, 'hook $1'],
  [/^.*vz2osctl\.incoming \S*\/private'?$/, COMMIT_OF_FILES],
  [/^.*private \S*\/vz2osctl\.incoming'?$/, 'mv private vz2osctl.incoming'],
  [/^.*zfs set canmount=noauto .*$/, 'mount the target, canmount=noauto'],
  [/^.*zfs set canmount=off .*$/, 'unmount the target, canmount=off'],
  [/^.*osctl -q ct (start|stop|del) .*$/, 'osctl ct $1'],
  [/^.*osctl -q ct (set|unset) (autostart|attr) .*$/, 'osctl ct $1 $2'],
];
/** Parts of the effect before, and what only looks. */
const WITHOUT = /^#|zfs diff|osctl -q (?:--pool \S+ )?(?:user|group) |config replace/;
const MAY_BE_EMPTY: ReadonlySet<string> = new Set([
  // Beside the snapshot, for a container that was received.
  'osctl ct devices add',
  'zfs set uidmap=none gidmap=none',
  'zfs destroy of snapshots on the target',
  'zfs destroy of the snapshot at the switch',
]);
