import type { SshTarget } from '../documents/source.ts';
import { onNode } from '../export/on-node.ts';
import { quoteArgv } from '../host/quote.ts';
import type { PackPlan } from './packer.ts';
import { packScript } from './packer.ts';
import type { Tree } from './trees/tree.ts';

export interface DryRun {
  readonly ctid: string;
  /** How its node is reached; null: it is this machine. */
  readonly host: SshTarget | null;
  readonly tree: Tree;
  /** How the tree's `plan.path` will be packed, and a line that says where that is compressed. */
  readonly pack: PackPlan;
  readonly choice: string;
  readonly running: boolean;
  /** It will be stopped. */
  readonly stops: boolean;
}

/** The run as lines to paste. */
export function dryRun({ ctid, host, tree, pack, choice, running, stops }: DryRun): string {
  const { plan, snapshot } = tree;
  const far = onNode(host);
  const start = stops ? [`vzctl start ${ctid}`] : [];
  const takesSnapshot = snapshot !== null && running;
  const before = [
    ...(stops ? [plan.stop] : []),
    ...(takesSnapshot ? [...plan.snapshot, ...start] : []),
    ...plan.open,
  ];
  const after = [...(takesSnapshot ? [] : start), ...plan.close];
  const note = host === null ? [] : [`# ${choice}`];
  return `${[...before.map(far), ...note, packLine(pack, far), ...after.map(far)].join('\n')}\n`;
}

function packLine(plan: PackPlan, far: (line: string) => string): string {
  const { compression } = plan;
  if (compression.at === 'source') return `${far(packScript(plan))} > base.tar.gz`;
  const { compressor } = compression;
  // gzip(1) knows no level 0.
  const gzip =
    compressor.kind === 'program' ? quoteArgv(compressor.argv) : `gzip -${Math.max(1, compressor.level)}`;
  return `${far(packScript(plan))} | ${gzip} > base.tar.gz`;
}
