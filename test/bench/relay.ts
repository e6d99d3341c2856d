import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { quoteArgv } from '../../lib/host/quote.ts';
import { needs } from '../support/needs.ts';
import { startSshd } from '../support/sshd.ts';
import { compare } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { ratio, row } from './table.ts';

/** 2 GB from one end over here to the other, by each client, against two ssh and a pipe. */
export async function relayRows(t: TestContext, { dir, env, rounds }: BenchOptions): Promise<void> {
  if (!needs(t, 'ssh', 'sshd')) return;
  const sshd = await startSshd(t);
  const here = { ...env, PATH: `${sshd.clientBin}:${env['PATH']}` };
  const [file, copy] = [join(dir, 'payload'), join(dir, 'copy')];
  execFileSync('sh', ['-c', `head -c 2000000000 /dev/urandom > ${file}`]);
  const ssh = `ssh -i ${sshd.identity} node`;
  const baseline = `${ssh} cat ${file} | ${ssh} 'cat > ${copy}'`;
  for (const client of ['openssh', 'builtin'] as const) {
    const relay = [process.execPath, RELAY, JSON.stringify(sshd.target(client)), file, copy];
    const [ours, theirs] = compare(`${quoteArgv(relay)} > ${dir}/peak`, baseline, here, rounds);
    ratio(
      `relay of 2 GB, ${client}: (ssh cat | ssh cat) / wall`,
      theirs,
      ours,
      '>= 0.9',
      (value) => value >= 0.9,
    );
    const peak = Number(execFileSync('cat', [join(dir, 'peak')], { encoding: 'utf8' }));
    row(`relay of 2 GB, ${client}: peak memory`, `${peak} MiB`, '< 150', peak < 150);
  }
  for (const path of [file, copy]) rmSync(path);
}

const RELAY = resolve('build/test/bench/relay.bench.mjs');
