import type { VzMigration } from '../../documents/documents.ts';
import type { Pass } from '../../documents/vz-migration.ts';
import { inOrder, runChecked } from '../../host/run.ts';
import { inspectTree } from '../../rootfs/contents.ts';
import type { Change } from '../journal.ts';
import type { Run } from '../run.ts';
import type { LastPass } from '../way.ts';
import { takeMapsOff } from './maps.ts';
import { walkTime } from './prediction.ts';
import { relayRsync } from './relay-rsync.ts';
import { relayTar } from './relay-tar.ts';
import { askRsyncs } from './rsync-command.ts';
import { findTree, type SourceFiles, withSourceFiles } from './source.ts';

/**
 * One pass while the container runs, or is down by itself. The first is a tar; where anything is there already, of a tar that
 * was broken off too, rsync goes on from it. Throws VzError: as `relayTar` and `relayRsync`, `withSourceFiles`.
 */
export async function pass(run: Run): Promise<Pass> {
  return withSourceFiles(run, await findTree(run), null, async (files) => {
    const isFirst = run.journal.document.sync.passes.length === 0;
    // What looks at the one side does not wait for the other.
    const [, hasData, clock, asked] = await inOrder(
      isFirst ? inspect(run, files) : null,
      takeMapsOff(run),
      runChecked(run.source, ['date', '+%s'], { signal: files.signal }),
      isFirst ? null : askRsyncs(run),
    );
    const options = { last: false, clock: Number(clock) };
    if (!hasData) return send(run, 'tar', () => relayTar(run, files, options));
    const rsyncs = asked ?? (await askRsyncs(run));
    return send(run, 'rsync', () => relayRsync(run, files, { ...options, rsyncs }));
  });
}

/**
 * The last pass: the container is down, and all that there is must come. rsync does it, also where nothing is there yet. Throws as
 * `pass`.
 */
export async function prepareLast(run: Run): Promise<LastPass> {
  const [found, rsyncs] = await inOrder(findTree(run), askRsyncs(run), takeMapsOff(run));
  const options = { last: true, clock: 0, rsyncs };
  return {
    stop: found.tree.stop,
    send: (guard) =>
      withSourceFiles(run, found, guard, (files) =>
        send(run, 'rsync', () => relayRsync(run, files, options)),
      ),
  };
}

/** Does a pass, and writes down what it was. `relay` gives the bytes. */
async function send(run: Run, how: Pass['how'], relay: () => Promise<number>): Promise<Pass> {
  const at = new Date().toISOString();
  const startedMs = performance.now();
  return run.journal.effect(
    `${how} to the new node`,
    async (): Promise<Pass> => {
      const bytes = String(await relay());
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
  const { warnings, sizeBytes } = await inspectTree({ host, document, node, tree, signal }, path);
  run.progress.expect(sizeBytes);
  for (const warning of warnings) run.io.log.warning(`ct ${ctid}: ${warning}`);
}
