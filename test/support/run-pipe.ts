import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface PipeOptions {
  /** Replaces the whole environment, but for dist/bin, which is put first on its PATH. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string | Buffer;
}

export interface PipeResult {
  /** Of the whole pipe, as bash's pipefail has it: the last stage that failed. 128 + N for a signal. */
  readonly code: number;
  /** Of each stage of the last pipe in the script. */
  readonly codes: readonly number[];
  readonly stdout: string;
  readonly stderr: string;
  /** stdout, where it is no text. */
  readonly bytes: Buffer;
}

/** Runs a real pipe of the built programs under bash: `['vz-parse-config 101', 'vz-to-osctl']` or a whole script. */
export async function runPipe(
  commands: readonly string[] | string,
  options: PipeOptions = {},
): Promise<PipeResult> {
  const script = typeof commands === 'string' ? commands : commands.join(' | ');
  const scratch = await mkdtemp(join(tmpdir(), 'vz2osctl-pipe-'));
  const codesFile = join(scratch, 'codes');
  try {
    const { env = process.env, cwd, input = '' } = options;
    const path = `${resolve('dist/bin')}:${env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`;
    const child = spawn('bash', ['-c', `set -o pipefail\n${script}\n${KEEP_CODES}`, 'pipe', codesFile], {
      env: { ...env, PATH: path },
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A pipe whose first stage does not read its input closes it early.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [bytes, stderr, code] = await Promise.all([
      collect(child.stdout),
      collect(child.stderr),
      new Promise<number>((settle, reject) => {
        child.on('error', reject);
        child.on('close', (status) => settle(status ?? -1));
      }),
    ]);
    const codes = await readFile(codesFile, 'utf8').catch(() => '');
    return {
      code,
      codes: codes.split(' ').filter(Boolean).map(Number),
      stdout: bytes.toString(),
      stderr: stderr.toString(),
      bytes,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** One assignment, since the next command overwrites both `$?` and PIPESTATUS. */
const KEEP_CODES = `kept=("$?" "\${PIPESTATUS[@]}"); printf '%s ' "\${kept[@]:1}" >"$1"; exit "\${kept[0]}"`;
