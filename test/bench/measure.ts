import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Wall and CPU seconds of a bash script, children included. Throws when it fails. */
export function timeScript(script: string, env: NodeJS.ProcessEnv): { wall: number; cpu: number } {
  const result = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='%R %U %S'; set -o pipefail; time { ${script}\n} 2>/dev/null`],
    {
      env: { ...env, LC_ALL: 'C' },
      encoding: 'utf8',
    },
  );
  const [wall, user, system] = result.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  if (result.status !== 0 || wall === undefined || user === undefined || system === undefined) {
    throw new Error(`failed with ${result.status}: ${script}\n${result.stderr}`);
  }
  return { wall, cpu: user + system };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs the two in turn, so that both see the same machine, and gives the median of each. */
export function compare(
  ours: string,
  baseline: string,
  env: NodeJS.ProcessEnv,
  rounds: number,
): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    times[1].push(timeScript(baseline, env).wall);
    times[0].push(timeScript(ours, env).wall);
  }
  return [median(times[0]), median(times[1])];
}

/** Runs a script and gives the peak memory, in MiB, of each program of ours that took part (VmHWM of proc(5)). */
export async function peakMemory(script: string, env: NodeJS.ProcessEnv): Promise<Map<string, number>> {
  const peaks = new Map<string, number>();
  const child = spawn('bash', ['-c', `set -o pipefail; ${script}`], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = setInterval(() => notePeaks(peaks), 100);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`failed with ${code}: ${script}\n${stderr}`);
  return peaks;
}

function notePeaks(peaks: Map<string, number>): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      const script = words.find((word) => !word.startsWith('-')) ?? '';
      // Not those of another work tree.
      const name = dirname(script) === OUR_PROGRAMS ? basename(script) : undefined;
      const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
      if (name && peak) peaks.set(name, Math.max(peaks.get(name) ?? 0, Math.round(Number(peak) / 1024)));
    } catch {
      // It has just ended.
    }
  }
}

const OUR_PROGRAMS = resolve('dist/bin');
