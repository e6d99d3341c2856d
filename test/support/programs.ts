import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said on stderr so far. */
  readonly said: () => string;
  /** Waits until stderr matches. */
  readonly saysMatching: (pattern: RegExp) => Promise<void>;
  /** Exit code, 128 + N for a signal. */
  readonly exit: Promise<number>;
}

/** Starts a built program alone; its stdout is read only by the test. */
export function startProgram(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Buffer,
): Program {
  const child = spawn(resolve('dist/bin', name), args, { env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exit = once(child, 'exit').then(
    ([code, signal]) => (code as number | null) ?? 128 + (SIGNALS[String(signal)] ?? 0),
  );
  const saysMatching = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; !pattern.test(stderr); tries += 1) {
      if (tries > 300 || child.exitCode !== null) throw new Error(`never said ${pattern}: ${stderr}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  };
  return { child, said: () => stderr, saysMatching, exit };
}

const SIGNALS: Record<string, number> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Living processes whose command line or environment names `text`: children that were left behind. */
export function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
        return command.includes(text) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}
