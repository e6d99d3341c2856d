import type { VzMigration } from '../../documents/documents.ts';
import type { Pass } from '../../documents/vz-migration.ts';
import type { Guard } from '../../guard/guard.ts';
import { checkExit, runChecked, run as runOn } from '../../host/run.ts';
import { inspectTree } from '../../rootfs/contents.ts';
import type { Change } from '../journal.ts';
import type { Run } from '../run.ts';
import { takeMapsOff } from './maps.ts';
import { rootOf } from './node-script.ts';
import { walkTime } from './prediction.ts';
import { relayRsync } from './relay-rsync.ts';
import { relayTar } from './relay-tar.ts';
import { type SourceFiles, withSourceFiles } from './source.ts';

/** One pass while the container runs, or is down by itself. Throws VzError: as `relayTar` and `relayRsync`, `withSourceFiles`. */
export function pass(run: Run): Promise<Pass> {
  return withSourceFiles(run, null, (files) => transfer(run, files, false));
}

/** The last pass: the container is down, and all that there is must come. Throws as `pass`. */
export function lastPass(run: Run, guard: Guard): Promise<Pass> {
  return withSourceFiles(run, guard, (files) => transfer(run, files, true));
}

/** The first is a tar; where anything is there already, of a tar that was broken off too, rsync goes on from it. */
async function transfer(run: Run, files: SourceFiles, last: boolean): Promise<Pass> {
  const { signal } = files;
  if (run.journal.document.sync.passes.length === 0) await inspect(run, files);
  await takeMapsOff(run);
  const how = (await hasData(run)) ? 'rsync' : 'tar';
  const clock = Number(await runChecked(run.source, ['date', '+%s'], { signal }));
  const at = new Date().toISOString();
  const startedMs = performance.now();
  const relay = how === 'tar' ? relayTar : relayRsync;
  return run.journal.effect(
    `${how} to the new node`,
    async (): Promise<Pass> => {
      const bytes = String(await relay(run, files, { last, clock }));
      const ms = Math.round(performance.now() - startedMs);
      const { passes } = run.journal.document.sync;
      return { at, how, ms, walkMs: walkTime(passes, { ms, bytes }), bytes };
    },
    addPass,
  );
}

function addPass(done: Pass, { sync }: VzMigration): Change {
  return { sync: { ...sync, passes: [...sync.passes, done] } };
}

/** Refuses what the target cannot hold, before anything is sent, and names what is not sent. */
async function inspect(run: Run, { host, node, tree, path, signal }: SourceFiles): Promise<void> {
  const { ctid, container: document } = run.journal.document;
  const { warnings } = await inspectTree({ host, document, node, tree, signal }, path);
  for (const warning of warnings) run.io.log.warning(`ct ${ctid}: ${warning}`);
}

async function hasData(run: Run): Promise<boolean> {
  const root = rootOf(run);
  const argv = ['test', '-d', `${run.journal.document.target?.mountpoint}/vz2osctl.incoming`];
  const result = await runOn(root, argv);
  if (result.code !== 1) checkExit(root, argv, result);
  return result.code === 0;
}
