import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from '../support/needs.ts';
import { startOpenVzNode } from '../support/nodes.ts';
import { startSshd } from '../support/sshd.ts';
import { compare } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { row } from './table.ts';

/**
 * A look at a container over ssh, against one file of it: seconds, and how often the former is the latter. What a look does
 * on the node and the start of Node.js count here; on a slow link, only the connection and two commands do.
 */
export async function remoteLookRows(t: TestContext, { env }: BenchOptions): Promise<void> {
  if (!needs(t, 'root', 'ssh', 'sshd')) return;
  const node = startOpenVzNode(t, { plain: true });
  const sshd = await startSshd(t, {
    config: [`SetEnv "PATH=${node.env['PATH']}" "VZ_STANDIN=${node.dir}" "HOME=${node.dir}"`],
  });
  const here = { ...env, PATH: `${sshd.clientBin}:${env['PATH']}` };
  const file = join(node.confDir, '101.conf');
  const cat = `ssh -i ${sshd.identity} root@node cat ${file} > /dev/null`;
  for (const client of ['openssh', 'builtin']) {
    const look = `vz-parse-config -q --ssh ${client} --identity ${sshd.identity} --conf-dir ${node.confDir} root@node:101 > /dev/null`;
    const [ours, baseline] = compare(look, cat, here, ROUNDS);
    const figure = `${ours.toFixed(2)} / ${baseline.toFixed(2)} = ${(ours / baseline).toFixed(2)}`;
    row(`${client}: vz-parse-config HOST:101 / (ssh HOST cat FILE)`, figure, 'none', true);
  }
}

const ROUNDS = 5;
