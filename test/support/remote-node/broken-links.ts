import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesNaming } from '../programs.ts';
import { type Client, type HeldExport, heldExport, type Kind, type Stage } from './held-exports.ts';

/** What can happen to an export, and how it ends then; null: it is not waited for. */
const EVENTS: readonly (readonly [string, (found: HeldExport) => void, number | null])[] = [
  ['the link is cut', ({ remote }) => remote.link.cut(), 69],
  ['the link goes silent', ({ remote }) => remote.link.silence(), null],
  ['kill -9 of the program', ({ program }) => program.child.kill('SIGKILL'), 137],
  ["kill -9 of the guard's ssh", (found) => killClient(found, 'vz2osctl-guard'), 74],
  ["kill -9 of the reader's ssh", (found) => killClient(found, '/reader-'), 74],
  ['the reader of stdout goes away', ({ program }) => program.child.stdout.destroy(), 141],
];

/** Tests that a container runs again within 10 s and nothing is left on its node, whatever happens in a stage. */
export function testBrokenLinks(kind: Kind, stages: readonly Stage[], client: Client = 'openssh'): void {
  for (const stage of stages) {
    for (const [what, happen, code] of EVENTS) {
      // It has no processes of its own.
      if (what.includes("'s ssh") && client === 'builtin') continue;
      if (what.includes("reader's ssh") && !hasReader(kind, stage)) continue;
      // Who does not write does not notice, and what ends a client alone is the same in every stage.
      if ((what.includes("'s ssh") || what.includes('stdout')) && stage !== 'down' && stage !== 'flowing')
        continue;
      test(`${kind}, ${stage}: ${what} (${client})`, async (t) => {
        const found = await heldExport(t, kind, stage, { client });
        if (!found) return;
        const { remote, program, asBefore } = found;
        const chunks: Buffer[] = [];
        happen(found);
        program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
        await runsSoon(found);
        if (code === null) await endSilently(found);
        else assert.equal(await program.exit, code, program.said());
        await asBefore();
        // It may not have been stopped yet before.
        assert.match(found.node.status(found.ctid), / running$/);
        assert.deepEqual(remote.clients(), []);
        assert.ok(!Buffer.concat(chunks).includes('end.json'));
      });
    }
  }
}

/** Within 10 s. */
export async function runsSoon({ node, ctid, program }: HeldExport): Promise<void> {
  const endsMs = performance.now() + 10_000;
  while (!node.status(ctid).includes(' running')) {
    assert.ok(performance.now() < endsMs, `${node.status(ctid)}: ${program.said()}`);
    await sleep(50);
  }
}

/** The first ssh client for such a command; there may be none yet. */
function killClient({ remote }: HeldExport, command: string): void {
  const line = remote.clients().find((one) => one.includes(command));
  assert.ok(line, remote.clients().join('\n'));
  process.kill(Number.parseInt(line, 10), 'SIGKILL');
}

/** On the node all ends by itself; here an ssh needs a minute to find out. */
export async function endSilently({ node, remote, program }: HeldExport): Promise<void> {
  const onNode = (): string[] => processesNaming(node.dir).filter((line) => !remote.clients().includes(line));
  for (let tries = 0; onNode().length > 0 && tries < 200; tries += 1) await sleep(50);
  assert.deepEqual(onNode(), []);
  program.child.kill('SIGKILL');
  await program.exit;
  for (const line of remote.clients()) process.kill(Number.parseInt(line, 10), 'SIGKILL');
}

function hasReader(kind: Kind, stage: Stage): boolean {
  return stage === 'flowing' || stage === 'quiet' || (stage === 'down' && kind === 'simfs');
}
