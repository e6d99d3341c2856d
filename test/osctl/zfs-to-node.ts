import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from '../support/needs.ts';
import { startVpsAdminOsNode, type VpsAdminOsNode } from '../support/nodes.ts';
import { startZfsNode, type ZfsNode } from '../support/zfs-pool.ts';

export interface Both {
  readonly source: ZfsNode;
  readonly target: VpsAdminOsNode;
  /** Finds vzctl of the source and ssh to the target. */
  readonly env: NodeJS.ProcessEnv;
  readonly parse: string;
}

/** The container in its dataset, and a target whose tank is on the same pool. Undefined: the test is skipped. */
export function setUpBoth(t: TestContext, options: Parameters<typeof startZfsNode>[1]): Both | undefined {
  if (!needs(t, 'ruby', 'sshd', 'ssh', 'rsync')) return undefined;
  const source = startZfsNode(t, options);
  if (!source) return undefined;
  const target = startVpsAdminOsNode(t, { dataset: `${source.pool.name}/node` });
  const env = { ...source.node.env, PATH: `${join(target.dir, 'client-bin')}:${source.node.env['PATH']}` };
  return { source, target, env, parse: `vz-parse-config --conf-dir '${source.node.confDir}' 101` };
}
