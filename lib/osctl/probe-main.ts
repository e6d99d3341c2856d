import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { writeDocument } from '../documents/ndjson.ts';
import { jsonSchema, validateDocument } from '../documents/validate.ts';
import type { VpsadminosNode } from '../documents/vpsadminos-node.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { openHost } from '../host/open.ts';
import { readSshFlags } from '../ssh/flags.ts';
import { parseDestination } from './destination.ts';
import { inspectHost } from './host-state.ts';
import { inspectNode } from './node-state.ts';
import { choosePool } from './preflight.ts';

/** The program osctl-probe. */
export async function osctlProbe(flags: Flags, io: Io): Promise<ExitCode> {
  if (flags.on('schema')) {
    await writeDocument(io.stdout, jsonSchema('vpsadminos-node'), true);
    return EXIT.ok;
  }
  const [operand] = flags.operands;
  if (operand === undefined) throw usage('expected [USER@]HOST[:POOL]');
  const { host: target, pool } = parseDestination(
    operand,
    readSshFlags(flags, { travels: false, env: io.env }),
  );
  const host = openHost(target, (line) => io.log.warning(line), io.signal);
  io.log.info(`${host.label}: looking at the node`);
  await writeDocument(io.stdout, await probeNode(host, pool, io.signal), flags.on('pretty'));
  return EXIT.ok;
}

/** Asks a node. Changes nothing there. Throws VzError: 69 no osctl, 77 not let in, 78 there is no such pool. */
export async function probeNode(
  host: Host,
  pool: string | null,
  signal: AbortSignal,
): Promise<VpsadminosNode> {
  const { pools, users, groups, addresses } = await inspectNode(host, { ct: null, user: null }, signal);
  if (pool !== null || pools.length === 0) choosePool({ pools }, pool, host.label);
  const state = await inspectHost(host, pools, groups, signal);
  const document: VpsadminosNode = {
    kind: 'vpsadminos-node',
    schema: 1,
    node: host.label,
    at: new Date().toISOString(),
    pool,
    ...state,
    users: users?.map((user) => ({ pool: user.pool ?? null, name: user.name })) ?? null,
    addresses: { known: [...addresses.known], unknown: [...addresses.unknown] },
  };
  // What the node says is input like any other.
  return validateDocument(document, 'vpsadminos-node', host.label);
}
