import type { PackerOptions } from './packer.ts';
import { packScript } from './packer.ts';
import type { Tree } from './trees/tree.ts';

export interface DryRun {
  readonly ctid: string;
  readonly tree: Tree;
  /** How the tree's `plan.path` will be packed. */
  readonly pack: Pick<PackerOptions, 'tar' | 'compressor'>;
  readonly running: boolean;
  /** It will be stopped. */
  readonly stops: boolean;
}

/** The run as lines to paste. */
export function dryRun({ ctid, tree, pack, running, stops }: DryRun): string {
  const { plan, snapshot } = tree;
  const start = stops ? [`vzctl start ${ctid}`] : [];
  const takesSnapshot = snapshot !== null && running;
  return `${[
    ...(stops ? [plan.stop] : []),
    ...(takesSnapshot ? [...plan.snapshot, ...start] : []),
    ...plan.open,
    packLine(pack),
    ...(takesSnapshot ? [] : start),
    ...plan.close,
  ].join('\n')}\n`;
}

function packLine(pack: DryRun['pack']): string {
  const { compressor } = pack;
  // gzip(1) knows no level 0.
  const gzip = compressor.kind === 'zlib' ? ` | gzip -${Math.max(1, compressor.level)}` : '';
  return `${packScript(pack)}${gzip} > base.tar.gz`;
}
