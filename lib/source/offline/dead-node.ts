import { existsSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path/posix';
import type { VzConfig, Warning } from '../../documents/vz-config.ts';
import { EXIT, VzError } from '../../errors.ts';
import { localHost } from '../../host/local.ts';
import { parseConfig } from '../../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../../vz/value.ts';
import { readConfigFile } from '../config-file.ts';
import { type DescribeOptions, refuseBadLines } from '../describe.ts';
import { lookAtNode } from '../probe.ts';
import { checkContainerId, isContainerId } from '../reference.ts';
import { parseResolvConf } from '../resolv-conf.ts';
import { toSourceFile } from '../source-file.ts';
import { resolveInside } from './inside.ts';

/**
 * A node that does not run any more, whose disks are mounted below a directory of this machine. All its paths begin
 * there, and so do the links on its disks. It is only read. Throws VzError (66) where there is no such directory.
 */
export class DeadNode {
  readonly #prefix: string;
  readonly #confDir: string;

  constructor(prefix: string, confDir: string) {
    if (!existsSync(prefix) || !statSync(prefix).isDirectory()) {
      const hint = 'mount the disks of the node below it';
      throw new VzError('NO_PREFIX', { exit: EXIT.noInput, where: prefix, what: 'no such directory', hint });
    }
    this.#prefix = realpathSync(prefix);
    this.#confDir = confDir;
  }

  /** Where a path of the node lies here. */
  at(path: string): string {
    return resolveInside(this.#prefix, path);
  }

  /** The id behind an id or a name of names/. Throws VzError (66). */
  resolveId(name: string): string {
    if (/^\d+$/.test(name)) return checkContainerId(name);
    const link = readLink(join(this.at(join(this.#confDir, '../names')), name));
    const id = /(?:^|\/)(\d+)\.conf$/.exec(link ?? '')?.[1];
    if (id !== undefined && isContainerId(id)) return id;
    throw new VzError('NO_CONTAINER', {
      exit: EXIT.noInput,
      where: this.#prefix,
      what: `no container has the name ${JSON.stringify(name)}`,
    });
  }

  /** Ids of all containers, rising. Throws VzError (66). */
  listIds(): string[] {
    const path = this.at(this.#confDir);
    const names = existsSync(path) ? readdirSync(path) : null;
    if (names === null) throw this.#noConfDir(path);
    const ids = names.filter((name) => name.endsWith('.conf')).map((name) => name.slice(0, -'.conf'.length));
    return ids.filter(isContainerId).sort((a, b) => Number(a) - Number(b));
  }

  /** Makes the document of a container. Throws VzError: 65, 66, 74, 77. */
  async describe(ctid: string, options: DescribeOptions): Promise<VzConfig> {
    const path = join(this.#confDir, `${ctid}.conf`);
    const config = await readConfigFile(localHost, this.at(path));
    if (config === null) throw this.#noConfig(ctid, path);
    const globalPath = join(this.#confDir, '../vz.conf');
    const global = await readConfigFile(localHost, this.at(globalPath));
    const { items, warnings } = parseConfig({ ctid, container: config, global, pageSize: X86_PAGE_BYTES });
    if (options.strict) refuseBadLines(ctid, items, warnings);
    const files = [
      toSourceFile(path, 'container', config),
      ...(global === null ? [] : [toSourceFile(globalPath, 'global', global)]),
    ];
    const offline = { from: 'dir', prefix: this.#prefix } as const;
    const document: VzConfig = {
      kind: 'vz-config',
      schema: 1,
      ctid,
      source: { host: null, offline, path, files },
      items,
      facts: null,
      warnings,
    };
    if (options.facts === 'none') return document;
    await this.#look(document, global, options);
    return document;
  }

  async #look(document: VzConfig, global: Buffer | null, options: DescribeOptions): Promise<void> {
    const { ctid, items } = document;
    const { facts: level, signal } = options;
    const found = (await lookAtNode(localHost, [], signal)).survey(global);
    const resolvers = await localHost.readFile(this.at('/etc/resolv.conf'));
    // Programs are this machine's, which reads the disks; all else was the node's, and is gone.
    const gone = { kernel: '', cpus: null, memoryBytes: '0', proxmox: null, free: [] };
    const facts = { ...found.facts, ...gone, ...parseResolvConf(resolvers?.toString() ?? '') };
    const { gatherFacts } = await import('../facts.ts');
    const gathered = await gatherFacts({
      host: localHost,
      survey: { ...found, facts },
      ctid,
      items,
      confDir: this.#confDir,
      level: level === 'deep' ? 'deep' : 'fast',
      signal,
      dead: { at: (path) => this.at(path), scripts: (names) => this.#scripts(names) },
    });
    document.facts = gathered.facts;
    document.source.files.push(...gathered.files);
    document.warnings.push(...gathered.warnings, ...this.#dumpWarning(ctid, facts.dumpDir));
  }

  /** `plain|executable BYTES NAME`, of those that are files on the disks of the node. */
  #scripts(names: readonly string[]): string[] {
    return names.flatMap((name) => {
      const path = this.at(join(this.#confDir, name));
      const status = existsSync(path) ? statSync(path) : null;
      if (!status?.isFile()) return [];
      // Whether anybody may execute it: who we are says nothing of who vzctl was.
      return [`${(status.mode & 0o111) === 0 ? 'plain' : 'executable'} ${status.size} ${name}`];
    });
  }

  /** A node that is shut down suspends its containers unless it is told to stop them. */
  #dumpWarning(ctid: string, dumpDir: string): Warning[] {
    const dumps = [dumpDir, '/vz/dump', '/var/lib/vz/dump'].map((directory) =>
      join(directory, `Dump.${ctid}`),
    );
    const dump = dumps.find((path) => existsSync(this.at(path)));
    if (dump === undefined) return [];
    const text = `it was suspended, and its memory is in ${dump}: what its programs had not yet written is lost`;
    return [{ code: 'DUMP_LEFT', text, line: null }];
  }

  #noConfDir(path: string): VzError {
    return new VzError('NO_CONF_DIR', {
      exit: EXIT.noInput,
      where: this.#prefix,
      what: `no directory ${path}`,
      hint: CONF_DIR,
    });
  }

  #noConfig(ctid: string, path: string): VzError {
    const what = `no config ${path} below ${this.#prefix}`;
    return new VzError('NO_CONTAINER', { exit: EXIT.noInput, where: `ct ${ctid}`, what, hint: CONF_DIR });
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** /etc/pve is no directory of a disk: Proxmox VE keeps it in a database. */
const CONF_DIR =
  'is every disk of the node mounted? another directory with --conf-dir; of Proxmox VE, /etc/pve is not on its disks';
