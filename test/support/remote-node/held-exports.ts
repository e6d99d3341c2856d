import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshTarget } from '../../../lib/documents/source.ts';
import { documentOf, runsAgain } from '../exports.ts';
import { type OpenVzNode, startOpenVzNode } from '../nodes.ts';
import { allAsBefore, PLOOP, ploopNode } from '../ploop-exports.ts';
import { type Program, processesNaming, startProgram } from '../programs.ts';
import { cleanAgain } from '../stuck-zfs.ts';
import { zfsDocument } from '../zfs-bundles.ts';
import { startZfsNode } from '../zfs-pool.ts';
import { type RemoteNode, reachBySsh } from './remote-node.ts';

/** A kind of container on a node, and what of it is read over the link. */
export type Kind = 'simfs' | 'ploop' | 'zfs';
/** `down`: simfs data flows, of the others a snapshot is made. `flowing`: it runs, and its data flows. `quiet`: none flows just now. */
export type Stage = 'stopping' | 'down' | 'flowing' | 'quiet';

export type Client = SshTarget['client'];

export interface HeldExport {
  readonly node: OpenVzNode;
  readonly ctid: string;
  readonly remote: RemoteNode;
  readonly program: Program;
  /** The container runs, and nothing of the export is left on the node. */
  readonly asBefore: () => Promise<void>;
}

/** An export over ssh that is held up in a stage. */
export async function heldExport(
  t: TestContext,
  kind: Kind,
  stage: Stage,
  { client = 'openssh', flags = [] }: { readonly client?: Client; readonly flags?: readonly string[] } = {},
): Promise<HeldExport | undefined> {
  const source = await SOURCES[kind](t, stage);
  if (!source) return undefined;
  const { node, ctid, program: name, document, asBefore } = source;
  const remote = await reachBySsh(t, node);
  if (!remote) return undefined;
  const isThere = HOLD[kind][stage]?.(source, remote) ?? (() => false);
  const env = { ...remote.env, VZ2OSCTL_GUARD_SECONDS: '2' };
  const program = startProgram(name, ['--compression', 'off', ...flags], env, overSsh(document, client));
  t.after(() => program.child.kill('SIGKILL'));
  const { stdout } = program.child;
  // A base of zfs is read to its end before the container is stopped.
  if (kind === 'zfs' && stage !== 'flowing') stdout.resume();
  else stdout.once('readable', () => stdout.read(1000));
  for (let tries = 0; !isThere(); tries += 1) {
    assert.ok(tries < 1200 && program.child.exitCode === null, program.said());
    await sleep(25);
  }
  await sleep(300);
  return { node, ctid, remote, program, asBefore };
}

interface Source {
  readonly node: OpenVzNode;
  readonly ctid: string;
  readonly program: string;
  readonly document: string;
  readonly asBefore: () => Promise<void>;
}

/** More than pipes and the windows of ssh hold; or less, so that tar ends while its reader still waits. */
const sizeMib = (kind: Kind, stage: Stage): number => (kind === 'simfs' && stage === 'flowing' ? 2 : 24);

const SOURCES: Record<Kind, (t: TestContext, stage: Stage) => Promise<Source | undefined>> = {
  simfs: async (t, stage) => {
    const node = startOpenVzNode(t, { plain: true, sizeMib: sizeMib('simfs', stage) });
    const document = await documentOf(node);
    return { node, ctid: '101', program: 'vz-rootfs-tar', document, asBefore: () => runsAgain(node) };
  },
  ploop: async (t, stage) => {
    const ploop = await ploopNode(t, { sizeMib: sizeMib('ploop', stage) });
    if (!ploop) return undefined;
    const { node, document } = ploop;
    return { node, ctid: PLOOP, program: 'vz-rootfs-tar', document, asBefore: () => allAsBefore(ploop) };
  },
  zfs: async (t, stage) => {
    const size = stage === 'flowing' ? { sizeMib: sizeMib('zfs', stage) } : {};
    const made = startZfsNode(t, { plain: true, children: ['data'], ...size });
    if (!made) return undefined;
    const { node } = made;
    const document = await zfsDocument(made);
    return { node, ctid: '101', program: 'vz-zfs-stream', document, asBefore: () => cleanAgain(made) };
  },
};

type Hold = (source: Source, remote: RemoteNode) => () => boolean;

const holdStop: Hold = ({ node, ctid }) => {
  writeFileSync(join(node.stateDir, `${ctid}.stop-seconds`), '2');
  return () => began(node, 'stop');
};
/** A zfs that says when it is to do something, and takes its time for it. */
const holdZfs =
  (pattern: string, seconds: number): Hold =>
  ({ node }, { replace }) => {
    const held = join(node.dir, 'held');
    replace(
      'zfs',
      `case "$*" in ${pattern}) : >'${held}'; sleep ${seconds} ;; esac\nexec /usr/sbin/zfs "$@"`,
    );
    return () => existsSync(held);
  };

/** How an export is kept in a stage, and how it shows that it is there. Without a word, its reader keeps it. */
const HOLD: Record<Kind, Partial<Record<Stage, Hold>>> = {
  simfs: {
    stopping: holdStop,
    down:
      ({ node }) =>
      () =>
        node.status().includes(' down') && isRead(node),
    flowing:
      ({ node }) =>
      () =>
        began(node, 'start') && node.status().includes(' running'),
  },
  ploop: {
    stopping: holdStop,
    down: ({ node, ctid }) => {
      writeFileSync(join(node.stateDir, `${ctid}.snapshot-seconds`), '2');
      return () => began(node, 'snapshot');
    },
    flowing:
      ({ node }) =>
      () =>
        isRead(node),
  },
  zfs: {
    stopping: holdStop,
    down: holdZfs("'snapshot '*-last-*", 2),
    // The daemon of zfs-fuse writes by itself, and would wait in write(2) for sshd also when its zfs was killed; that of a
    // kernel ends with it. So there is a pipe that ends.
    flowing: ({ node }, { replace }) => {
      replace(
        'zfs',
        `case "$*" in 'send '*@*) /usr/sbin/zfs "$@" | cat; exit ;; esac\nexec /usr/sbin/zfs "$@"`,
      );
      return () => isRead(node);
    },
    // One that does not write does not notice that nobody reads it any more.
    quiet: holdZfs("'send '*-i*", 600),
  },
};

function began(node: OpenVzNode, wanted: string): boolean {
  return node.log().some(({ verb, what }) => verb === wanted && what.startsWith('begin'));
}

/** tar runs on the node: not only the ssh client that asks for it. */
function isRead(node: OpenVzNode): boolean {
  return processesNaming(join(node.dir, 'lock')).some((line) =>
    /^\d+ sh -c .*\/reader-\S+ .*(tar|zfs send)/.test(line),
  );
}

/** The document of a node that we are on, as it would be from afar. */
function overSsh(document: string, client: Client): string {
  const parsed = JSON.parse(document);
  // What the wrapper around ssh lets in by itself, the built-in client is told.
  const legacy = client === 'builtin';
  const host = { client, user: 'root', name: 'vz6', port: null, identity: null, legacy };
  return JSON.stringify({ ...parsed, source: { ...parsed.source, host: { ...host, options: [] } } });
}
