import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { StreamCheck } from '../../lib/zfs/stream-check.ts';
import { compare, median, peakMemory } from './measure.ts';
import { sendStream } from './send-stream.ts';
import { ratio, row } from './table.ts';

export interface BenchOptions {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

/** The stream check: alone, in a pipe, and its memory. */
export async function streamRows({ dir, env, rounds }: BenchOptions, largeGib: number): Promise<void> {
  const rate = checkRate();
  row('stream check alone: GB/s', rate.toFixed(2), '>= 3', rate >= 3);

  const file = join(dir, 'generated.zstream');
  execFileSync(process.execPath, [GENERATE, '1024'], { stdio: ['ignore', openSync(file, 'w'), 'inherit'] });
  const [with_, without] = compare(
    `cat ${file} | vz-zfs-stream -q --verify --raw | cat > /dev/null`,
    `cat ${file} | cat | cat > /dev/null`,
    env,
    rounds * 2 + 1,
  );
  // Seconds: the speed with the check over that without it.
  ratio('1 GiB | --verify --raw |: (| cat |) / wall', without, with_, '>= 0.6', (value) => value >= 0.6);

  const peak = async (gib: number): Promise<number> => {
    const mib = Math.round(gib * 1024);
    const script = `${process.execPath} ${GENERATE} ${mib} | vz-zfs-stream -q --verify --raw | cat > /dev/null`;
    return (await peakMemory(script, env)).get('vz-zfs-stream') ?? Number.NaN;
  };
  const [small, large] = [await peak(0.1), await peak(largeGib)];
  row(
    `--verify --raw: peak memory at 100 MiB / ${largeGib} GiB`,
    `${small} / ${large} MiB`,
    '< 120, the same',
    large < 120,
  );
}

/** GB/s over 256 MiB in pieces as they come out of a pipe. */
function checkRate(): number {
  const stream = Buffer.concat([...sendStream(2048)]);
  const rates = Array.from({ length: 7 }, () => {
    const check = new StreamCheck();
    const startedMs = performance.now();
    for (let at = 0; at < stream.length; at += PIECE_BYTES) check.push(stream.subarray(at, at + PIECE_BYTES));
    check.end();
    return stream.length / 1e6 / (performance.now() - startedMs);
  });
  return median(rates);
}

const PIECE_BYTES = 64 * 1024;
/** Built beside this file. */
export const GENERATE = resolve('build/test/bench/generate.bench.mjs');
