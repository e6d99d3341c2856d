import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LogEntry, OpenVzNode } from '../support/nodes.ts';
import { startOpenVzNode } from '../support/nodes.ts';
import { startZfsNode } from '../support/zfs-pool.ts';
import { median, timeScript } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { row } from './table.ts';

/** From the begin of the stop to the end of the start, by the stand-in's log: for 50 MiB as for 2 GiB. */
export async function downtimeRows(t: TestContext, options: BenchOptions): Promise<void> {
  const zfs = [50, 2000].map((sizeMib) => () => {
    const made = startZfsNode(t, { plain: true, sizeMib });
    return made && downtime(made.node, '101', 'vz-zfs-stream', options);
  });
  report('ZFS: downtime, seconds, at 50 MiB / 2,000 MiB', zfs);
  const ploop = [50, 2000].map((sizeMib) => () => {
    const node = startOpenVzNode(t, { plain: true, ploop: true, sizeMib });
    return downtime(node, '102', 'vz-rootfs-tar --ploop-snapshot', options);
  });
  report('ploop: downtime, seconds, at 50 MiB / 2,000 MiB', ploop);
}

function report(what: string, measures: readonly (() => number | undefined)[]): void {
  const [small, large] = measures.map((measure) => measure());
  if (small === undefined || large === undefined) return;
  const limit = small * 1.5 + 1;
  row(what, `${small.toFixed(2)} / ${large.toFixed(2)}`, `<= ${limit.toFixed(1)}`, large <= limit);
}

function downtime(
  node: OpenVzNode,
  ctid: string,
  program: string,
  { dir, env, rounds }: BenchOptions,
): number {
  const seconds = Array.from({ length: rounds }, () => {
    const before = node.log().length;
    timeScript(
      `vz-parse-config --conf-dir ${node.confDir} ${ctid} | vz-to-osctl -q --report none | ${program} -q | osctl-bundle > ${dir}/out`,
      { ...env, ...node.env, PATH: `${env['PATH']}:/usr/sbin:/sbin` },
    );
    return downSeconds(node.log().slice(before));
  });
  rmSync(join(dir, 'out'));
  execFileSync('sync');
  return median(seconds);
}

/**
 * The stand-in's `vzctl snapshot` copies the image, where ploop adds an empty delta: what that takes is left out.
 */
function downSeconds(log: readonly LogEntry[]): number {
  const at = (verb: string, what: string): number => {
    const entry = log.find((one) => one.verb === verb && one.what.startsWith(what));
    if (!entry) throw new Error(`no ${verb} in the log`);
    return entry.atMs;
  };
  const copying = log.some(({ verb }) => verb === 'snapshot')
    ? at('snapshot', 'end') - at('snapshot', 'begin')
    : 0;
  return (at('start', 'end') - at('stop', 'begin') - copying) / 1000;
}
