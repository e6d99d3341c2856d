import { basename } from 'node:path/posix';
import type { Readable } from 'node:stream';
import { usage } from '../cli/flags.ts';
import { EXIT, VzError } from '../errors.ts';
import type { SshChoice } from '../ssh/flags.ts';
import { checkSize } from './config-file.ts';
import type { Source } from './describe.ts';
import { type Looks, type NodeListener, SourceNode } from './node.ts';
import { DeadNode } from './offline/dead-node.ts';
import { describeVzdump, idOfVzdump } from './offline/describe-vzdump.ts';
import type { HostAddress, Operand } from './reference.ts';
import { isContainerId, parseDeadOperand, parseHostOperand, parseOperand } from './reference.ts';

export interface JobOptions extends NodeListener {
  readonly operands: readonly string[];
  /** Operands are hosts, and all their containers are meant. */
  readonly all: boolean;
  /** For stdin, or for a file whose name has no id. */
  readonly ctid: string | undefined;
  readonly confDir: string | undefined;
  readonly stdin: Readable;
  /** Told how many containers there are, of each node as it is reached. */
  readonly onListed?: (count: number) => void;
  /** How the hosts are reached. */
  readonly ssh: SshChoice;
}

/** One container to read. `load` throws VzError when it cannot be: 64, 65, 66, 69, 74, 77. */
export interface Job {
  readonly kind: Operand['kind'];
  /** null: not known before it is loaded. */
  readonly ctid: string | null;
  readonly load: (looks: Looks) => Promise<Source>;
}

/** The containers that the command line names. Throws VzError (64) for an operand that makes no sense. */
export function listJobs(options: JobOptions): AsyncIterable<Job> | Iterable<Job> {
  const nodes = new Nodes(options);
  if (options.all) {
    if (options.ctid !== undefined) throw usage('--ctid: not with --all');
    return listAll(options, nodes);
  }
  const words = options.operands.length === 0 ? ['-'] : options.operands;
  const operands = words.map(parseOperand);
  checkCtidFlag(options.ctid, operands);
  options.onListed?.(operands.length);
  return operands.map((operand) => toJob(nodes, operand, options));
}

function toJob(nodes: Nodes, operand: Operand, options: JobOptions): Job {
  const { kind } = operand;
  switch (kind) {
    case 'container': {
      const node = nodes.open(operand.host);
      const ctid = isContainerId(operand.name) ? operand.name : null;
      return {
        kind,
        ctid,
        load: async (looks) => loadContainer(node, await node.resolveId(operand.name), looks),
      };
    }
    case 'dead': {
      const confDir = options.confDir ?? DEFAULT_CONF_DIR;
      const ctid = isContainerId(operand.name) ? operand.name : null;
      const load = async (): Promise<Source> => {
        const node = new DeadNode(operand.prefix, confDir);
        return loadDead(node, node.resolveId(operand.name));
      };
      return { kind, ctid, load };
    }
    case 'vzdump': {
      const { file } = operand;
      const ctid = options.ctid ?? idOfVzdump(file);
      return { kind, ctid, load: async () => ({ describe: (how) => describeVzdump(file, ctid, how) }) };
    }
    case 'file': {
      const ctid = options.ctid ?? idOf(operand.path);
      return { kind, ctid, load: (looks) => loadFile(nodes.open(null), operand.path, ctid, looks) };
    }
    case 'stdin': {
      const ctid = options.ctid ?? '';
      return { kind, ctid, load: () => loadStdin(nodes.open(null), ctid, options) };
    }
  }
}

/** The nodes of `[USER@]HOST` operands; this machine where there is none. Throws VzError (64). */
export function listNodes(options: JobOptions): SourceNode[] {
  const nodes = new Nodes(options);
  const hosts = options.operands.map(parseHostOperand);
  return (hosts.length > 0 ? hosts : [null]).map((host) => nodes.open(host));
}

/** Of the dead nodes first. Throws VzError (64) before any is looked at. */
function listAll(options: JobOptions, nodes: Nodes): AsyncGenerator<Job> {
  const dead = options.operands.flatMap((word) => parseDeadOperand(word) ?? []);
  const hosts = options.operands.filter((word) => parseDeadOperand(word) === null).map(parseHostOperand);
  const running = hosts.length === 0 && dead.length === 0 ? [null] : hosts;
  return listNodesOf(dead, nodes, running, options);
}

async function* listNodesOf(
  dead: readonly string[],
  nodes: Nodes,
  hosts: readonly (HostAddress | null)[],
  { confDir = DEFAULT_CONF_DIR, onListed }: JobOptions,
): AsyncGenerator<Job> {
  const kind = 'container';
  for (const prefix of dead) {
    let ids: readonly string[];
    let node: DeadNode;
    try {
      node = new DeadNode(prefix, confDir);
      ids = node.listIds();
    } catch (error) {
      yield { kind, ctid: null, load: () => Promise.reject(error) };
      continue;
    }
    onListed?.(ids.length);
    for (const ctid of ids) yield { kind, ctid, load: async () => loadDead(node, ctid) };
  }
  for (const host of hosts) {
    const node = nodes.open(host);
    let ids: readonly string[];
    try {
      ids = await node.listIds();
    } catch (error) {
      // One node that is down must not keep the others from being read.
      yield { kind, ctid: null, load: () => Promise.reject(error) };
      continue;
    }
    onListed?.(ids.length);
    for (const ctid of ids) yield { kind, ctid, load: (looks) => loadContainer(node, ctid, looks) };
  }
}

function loadDead(node: DeadNode, ctid: string): Source {
  return { describe: (options) => node.describe(ctid, options) };
}

async function loadContainer(node: SourceNode, ctid: string, looks: Looks): Promise<Source> {
  const path = node.configPath(ctid);
  const config = await node.readConfig(path, looks);
  if (config === null) {
    throw new VzError('NO_CONTAINER', {
      exit: EXIT.noInput,
      where: `ct ${ctid}`,
      what: `no config ${path} on ${node.host.label}`,
    });
  }
  return { node, ctid, path, config, global: await node.readGlobal() };
}

async function loadFile(node: SourceNode, path: string, ctid: string | null, looks: Looks): Promise<Source> {
  const config = await node.readConfig(path, looks);
  if (config === null) {
    throw new VzError('NO_FILE', { exit: EXIT.noInput, where: path, what: 'no such file' });
  }
  if (ctid === null) {
    throw new VzError('NO_CTID', {
      exit: EXIT.usage,
      where: path,
      what: 'the name of the file is not ID.conf',
      hint: 'give --ctid ID',
    });
  }
  return { node, ctid, path, config, global: await node.readGlobal() };
}

/** A config on stdin is from anywhere, so the vz.conf of this machine is behind it only on demand. */
async function loadStdin(node: SourceNode, ctid: string, { stdin, confDir }: JobOptions): Promise<Source> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    checkSize(bytes, 'stdin');
    chunks.push(chunk);
  }
  const global = confDir === undefined ? null : await node.readGlobal();
  return { node, ctid, path: null, config: Buffer.concat(chunks), global };
}

function checkCtidFlag(ctid: string | undefined, operands: readonly Operand[]): void {
  const isStdin = operands.some(({ kind }) => kind === 'stdin');
  if (ctid === undefined) {
    if (isStdin) throw usage('a config on stdin needs its id', '--ctid=ID');
    return;
  }
  if (!isContainerId(ctid))
    throw usage(`--ctid: expected an id from 1 to 2147483644, got ${JSON.stringify(ctid)}`);
  if (operands.length !== 1 || operands[0]?.kind === 'container' || operands[0]?.kind === 'dead') {
    throw usage('--ctid: only for one file, or for stdin');
  }
}

function idOf(path: string): string | null {
  const name = basename(path);
  const id = name.endsWith('.conf') ? name.slice(0, -'.conf'.length) : '';
  return isContainerId(id) ? id : null;
}

/** One object a node, so that each is looked at once. */
class Nodes {
  readonly #options: JobOptions;
  readonly #opened = new Map<string, SourceNode>();

  constructor(options: JobOptions) {
    this.#options = options;
  }

  open(address: HostAddress | null): SourceNode {
    const key = JSON.stringify(address);
    const node = this.#opened.get(key) ?? this.#make(address);
    this.#opened.set(key, node);
    return node;
  }

  #make(address: HostAddress | null): SourceNode {
    const { ssh, confDir = DEFAULT_CONF_DIR, say, warn, signal } = this.#options;
    const { hostKeyChecking, ...travelling } = ssh;
    const reference = address === null ? null : { ...travelling, ...address };
    return new SourceNode({ reference, hostKeyChecking, confDir, say, warn, signal });
  }
}

const DEFAULT_CONF_DIR = '/etc/vz/conf';
