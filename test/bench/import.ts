import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from '../support/needs.ts';
import { startVpsAdminOsNode } from '../support/nodes.ts';
import { sampleDocument } from '../support/sample-document.ts';
import { median, peakMemory, timeScript } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { ratio, row } from './table.ts';

/** Imports over loopback: without a spool file against a bare pipe into tar on the node, and with one. */
export async function importRows(t: TestContext, { dir, env: outer, rounds }: BenchOptions): Promise<void> {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh')) return;
  const node = startVpsAdminOsNode(t);
  const env = { ...outer, PATH: `${join(node.dir, 'client-bin')}:${outer['PATH']}` };
  const [payload, archive, bare] = [
    join(dir, 'payload.tar.gz'),
    join(dir, 'import.tar'),
    join(node.dir, 'bare'),
  ];
  writeFileSync(join(dir, 'import.json'), JSON.stringify(sampleDocument()));
  /** A third of it is text that packs well. */
  const make = (mib: number): void => {
    const tree = `mkdir -p tree && head -c ${mib}M /dev/urandom >tree/random && head -c ${mib / 2}M /dev/zero | tr '\\0' a >tree/text`;
    const pack = `tar --numeric-owner -C tree -c . | igzip -1 >'${payload}'`;
    const bundle = `osctl-bundle -q --container import.json --payload rootfs/base.tar.gz='${payload}' >'${archive}'`;
    execFileSync('bash', ['-c', `${tree} && ${pack} && ${bundle}`], { cwd: dir, env });
  };
  const remove = (): void => void node.osctl(['ct', 'del', '101']);
  const importWith = (flags: string): number => {
    const { wall } = timeScript(`osctl-import -q ${flags} root@node < '${archive}' > /dev/null`, env);
    remove();
    return wall;
  };

  make(LARGE_MIB);
  const times = { bare: [0], direct: [0], spooled: [0] };
  for (let round = 0; round < rounds; round += 1) {
    times.bare[round] = timeScript(
      `ssh root@node 'mkdir ${bare} && tar -xz -C ${bare}' < '${payload}'`,
      env,
    ).wall;
    execFileSync('rm', ['-r', bare]);
    times.direct[round] = importWith('--direct');
    times.spooled[round] = importWith('');
  }
  const [tar, direct, spooled] = [median(times.bare), median(times.direct), median(times.spooled)];
  const size = `${LARGE_MIB * 1.5} MiB`;
  ratio(`import --direct, ${size}: (ssh tar -xz) / wall`, tar, direct, '>= 0.5', (value) => value >= 0.5);
  ratio(`import --direct, ${size}: wall / with a spool file`, direct, spooled, '< 1', (value) => value < 1);
  const peak = async (): Promise<number> => {
    const peaks = await peakMemory(`osctl-import -q --direct root@node < '${archive}' > /dev/null`, env);
    remove();
    return peaks.get('osctl-import') ?? Number.NaN;
  };
  const large = await peak();
  make(SMALL_MIB);
  const small = await peak();
  const figure = `${small} / ${large} MiB`;
  row(
    `import --direct: peak memory at ${SMALL_MIB} / ${LARGE_MIB} MiB`,
    figure,
    '< 150, the same',
    large < 150,
  );
}

const SMALL_MIB = 50;
const LARGE_MIB = 600;
