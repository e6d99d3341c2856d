import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startZfsNode } from '../support/zfs-pool.ts';
import { compare, peakMemory, timeScript } from './measure.ts';
import { type BenchOptions, GENERATE } from './streams.ts';
import { ratio, row } from './table.ts';

/**
 * A container of some GB on zfs-fuse, through the whole pipe, against a bare `zfs send`: what a stop, snapshots and a start
 * take, a second or two, is in it.
 */
export async function zfsExportRows(
  t: TestContext,
  { dir, env: outer, rounds }: BenchOptions,
  largeGib: number,
): Promise<void> {
  const made = startZfsNode(t, { plain: true, sizeMib: SIZE_MIB });
  if (!made) return;
  const { node, pool, dataset } = made;
  const env = { ...outer, ...node.env, PATH: `${outer['PATH']}:/usr/sbin:/sbin` };
  const document = join(dir, 'zfs.json');
  timeScript(
    `vz-parse-config --conf-dir ${node.confDir} 101 | vz-to-osctl -q --report none > ${document}`,
    env,
  );
  pool.zfs('snapshot', `${dataset}@bench`);
  const ours = (compression: string): string =>
    `vz-zfs-stream -q --compression ${compression} < ${document} | osctl-bundle > ${dir}/out`;

  const [plain, send] = compare(ours('off'), `zfs send ${dataset}@bench | cat > ${dir}/out`, env, rounds);
  ratio(
    `ZFS export, ${SIZE_MIB} MiB: (zfs send | cat) / wall`,
    send,
    plain,
    '>= 0.8',
    (value) => value >= 0.8,
  );
  const [gzip, igzip] = compare(
    ours('gzip'),
    `zfs send ${dataset}@bench | igzip -1 > ${dir}/out`,
    env,
    rounds,
  );
  ratio('ZFS export, igzip: (zfs send | igzip -1) / wall', igzip, gzip, '>= 0.8', (value) => value >= 0.8);

  const bin = join(dir, 'zfs-generator');
  mkdirSync(bin);
  const generator = `#!/bin/sh\ncase $* in "send "*@*) exec ${process.execPath} ${GENERATE} $GENERATED_MIB ;; esac\nPATH=\${PATH#*:}\nexec zfs "$@"\n`;
  writeFileSync(join(bin, 'zfs'), generator, { mode: 0o755 });
  const peaksOf = (gib: number): Promise<Map<string, number>> =>
    peakMemory(
      `vz-zfs-stream -q --no-consistent --compression off < ${document} | osctl-bundle | cat > /dev/null`,
      { ...env, PATH: `${bin}:${env['PATH']}`, GENERATED_MIB: String(Math.round(gib * 1024)) },
    );
  const [small, large] = [await peaksOf(0.1), await peaksOf(largeGib)];
  for (const [name, peak] of large) {
    const figure = `${small.get(name)} / ${peak} MiB`;
    row(`ZFS, ${name}: peak memory at 100 MiB / ${largeGib} GiB`, figure, '< 120, the same', peak < 120);
  }
}

const SIZE_MIB = 3000;
