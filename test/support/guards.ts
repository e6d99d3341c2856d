import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Guard } from '../../lib/guard/guard.ts';
import type { Host } from '../../lib/host/host.ts';
import { localHost } from '../../lib/host/local.ts';
import { type OpenVzNode, startOpenVzNode } from './nodes.ts';

/** A host whose commands see the stand-in's vzctl. */
export function nodeHost({ env }: OpenVzNode): Host {
  const prefix = ['env', `PATH=${env['PATH']}`, `VZ_STANDIN=${env['VZ_STANDIN']}`];
  return { ...localHost, spawn: (argv, options) => localHost.spawn([...prefix, ...argv], options) };
}

export function setUp(t: TestContext): {
  node: OpenVzNode;
  lockDir: string;
  start: (options?: Partial<StartOptions>) => Promise<Guard>;
} {
  const node = startOpenVzNode(t, { plain: true });
  const lockDir = join(node.dir, 'lock');
  const start = (options: Partial<StartOptions> = {}): Promise<Guard> =>
    Guard.start(nodeHost(node), {
      ...{ ctid: '101', lockDir, limitSeconds: 30, maxDowntimeMs: 0 },
      ...options,
    });
  return { node, lockDir, start };
}
type StartOptions = Parameters<typeof Guard.start>[1];

export const isRunning = (node: OpenVzNode): boolean => node.status().includes(' running');

/** SIGKILL for the guard and its helpers; only those of this test's lock directory. */
export async function killGuards(lockDir: string): Promise<void> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = await localHost.readFile(`/proc/${pid}/cmdline`).catch(() => null);
    if (command?.includes('vz2osctl-guard') && command.includes(lockDir))
      process.kill(Number(pid), 'SIGKILL');
  }
}
