import { join } from 'node:path/posix';
import type { HostKeyChecking, HostReference } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { openHost } from '../host/open.ts';
import { run } from '../host/run.ts';
import { readConfigFile } from './config-file.ts';
import { loggedHost } from './logged-host.ts';
import type { NodeLook, NodeSurvey } from './probe.ts';
import { checkContainerId, isContainerId } from './reference.ts';

/** Who is told of what is done on nodes, and may end it. */
export interface NodeListener {
  /** Gets each command that is run there. */
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  /** Ends what is asked of it. */
  readonly signal: AbortSignal;
}

export interface NodeOptions extends NodeListener {
  /** null: this machine. */
  readonly reference: HostReference | null;
  readonly hostKeyChecking: HostKeyChecking;
  readonly confDir: string;
}

/** Whether facts are wanted of a container. */
export interface Looks {
  readonly facts: 'none' | 'fast' | 'deep';
  readonly signal: AbortSignal;
}

/** A node that containers are read from. What is the same for all of them is looked up once, when it is needed. */
export class SourceNode {
  readonly host: Host;
  readonly reference: HostReference | null;
  readonly confDir: string;
  #global: Promise<Buffer | null> | undefined;
  #survey: Promise<NodeSurvey> | undefined;

  constructor({ reference, hostKeyChecking, confDir, say, warn, signal }: NodeOptions) {
    const target = reference === null ? null : { ...reference, hostKeyChecking };
    this.host = loggedHost(openHost(target, warn, signal), say);
    this.reference = reference;
    this.confDir = confDir;
  }

  /** vz.conf and names/ are beside the directory as it is named: that one is often a link. */
  get globalPath(): string {
    return join(this.confDir, '..', 'vz.conf');
  }

  configPath(ctid: string): string {
    return join(this.confDir, `${ctid}.conf`);
  }

  /** vz.conf; null: there is none. Throws VzError (69, 74, 77). */
  readGlobal(): Promise<Buffer | null> {
    this.#global ??= readConfigFile(this.host, this.globalPath);
    return this.#global;
  }

  /** What can be found out about the node. Throws VzError (69), and as readGlobal. */
  survey(signal: AbortSignal): Promise<NodeSurvey> {
    this.#survey ??= this.#look([], signal).survey;
    return this.#survey;
  }

  /**
   * A config's bytes; null: no such file. Where facts are wanted, the first one comes with vz.conf and the survey, since each
   * would take a round trip. Throws VzError: see `readConfigFile`.
   */
  readConfig(path: string, { facts, signal }: Looks): Promise<Buffer | null> {
    if (facts === 'none' || this.#survey !== undefined) return readConfigFile(this.host, path);
    const { look, survey } = this.#look([path], signal);
    this.#survey = survey;
    return look.then(({ config }) => config(path));
  }

  #look(
    paths: readonly string[],
    signal: AbortSignal,
  ): { look: Promise<NodeLook>; survey: Promise<NodeSurvey> } {
    const look = import('./probe.ts').then(({ lookAtNode }) =>
      lookAtNode(this.host, [this.globalPath, ...paths], signal),
    );
    this.#global ??= look.then(({ config }) => config(this.globalPath));
    const global = this.#global;
    const survey = look.then(async (looked) => looked.survey(await global));
    // Whoever asks for them sees why they failed. A node that could not be reached is tried again for its next container.
    for (const asked of [global, survey]) asked.catch(() => {});
    look.catch(() => {
      this.#global = undefined;
      this.#survey = undefined;
    });
    return { look, survey };
  }

  /** The id behind an id or a name of names/. Throws VzError (66) when there is none. */
  async resolveId(name: string): Promise<string> {
    if (/^\d+$/.test(name)) return checkContainerId(name);
    const result = await run(this.host, ['readlink', '--', join(this.confDir, '..', 'names', name)]);
    const target = /(?:^|\/)(\d+)\.conf\n?$/.exec(result.stdout.toString())?.[1];
    if (result.code === 0 && target !== undefined && isContainerId(target)) return target;
    throw new VzError('NO_CONTAINER', {
      exit: EXIT.noInput,
      where: this.host.label,
      what: `no container has the name ${JSON.stringify(name)}`,
      hint: UUID.test(name)
        ? 'a UUID names a container of Virtuozzo 7, not of OpenVZ Legacy'
        : 'a container of another node is HOST:ID, all of them --all HOST, and a file needs a / in it',
    });
  }

  /**
   * Ids of all containers, rising: names that are `<id>.conf` and nothing more, which leaves out samples, the node
   * itself and what `destroy` and vzmigrate leave behind. Throws VzError: 66 no such directory, 69, 74, 77.
   */
  async listIds(): Promise<string[]> {
    const names = await this.host.listDirectory(this.confDir);
    if (names === null) {
      throw new VzError('NO_CONF_DIR', {
        exit: EXIT.noInput,
        where: this.host.label,
        what: `no directory ${this.confDir}`,
        hint: 'is this an OpenVZ node? see --conf-dir',
      });
    }
    const ids = names.filter((name) => name.endsWith('.conf')).map((name) => name.slice(0, -'.conf'.length));
    return ids.filter(isContainerId).sort((a, b) => Number(a) - Number(b));
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
