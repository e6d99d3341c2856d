import type { VzMigration } from '../../documents/documents.ts';
import { onNode } from '../../export/on-node.ts';
import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { sshLogin } from '../../host/ssh-arguments.ts';
import { RECEIVE_USER } from '../new-migration.ts';
import type { StepOptions } from '../steps/step.ts';

export interface PlanOptions extends StepOptions {
  /** Snapshots are named by it. */
  readonly now: Date;
  readonly bytesPerSecond: number | undefined;
  /** Its content is in no line. */
  readonly passphraseFile: string | undefined;
  /** Of `--state-dir`, for lines that run vz-migrate-step. */
  readonly stateDir: string | undefined;
}

/** A plan as it comes together: lines to paste on this machine, and the migration as it is behind the last of them. */
export class Draft {
  document: VzMigration;
  readonly options: PlanOptions;
  readonly lines: string[] = [];

  constructor(document: VzMigration, options: PlanOptions) {
    this.document = document;
    this.options = options;
  }

  /** What is no command. A line break in a name must not begin a line that the shell runs. */
  note(text: string): void {
    this.lines.push(`# ${text.replace(/\p{Cc}/gu, '?')}`);
  }

  line(line: string): void {
    this.lines.push(line);
  }

  change(change: Partial<VzMigration>): void {
    this.document = { ...this.document, ...change };
  }

  /** A line of sh for the container's node. */
  atSource(line: string): string {
    return onNode(this.document.container.source.host)(line);
  }

  /** A line of sh for root on the new node. */
  atTarget(line: string): string {
    return onNode(this.document.destination.host)(`${this.#find(line)}${line}`);
  }

  /** The same with other flags of ssh(1); with none, for the end of a pipe. */
  intoTarget(line: string, flags: readonly string[] = []): string {
    return `${sshLogin(this.document.destination.host, flags)} ${quoteForShell(`${this.#find(line)}${line}`)}`;
  }

  source(...argv: string[]): void {
    this.line(this.atSource(quoteArgv(argv)));
  }

  target(line: string): void {
    this.line(this.atTarget(line));
  }

  /** A command of the receive protocol. `words` are words of sh already; `input`: it ends a pipe. */
  receive(words: readonly string[], { input }: { readonly input: boolean } = { input: false }): string {
    const { destination, target } = this.document;
    const flags = [input ? '-T' : '-nT', '-l', RECEIVE_USER];
    const login = sshLogin({ ...destination.host, user: null }, flags);
    return [login, 'receive', ...(target?.protocol === 1 ? [] : ['2']), ...words].join(' ');
  }

  /** The token, or where it was put when it came. */
  get token(): string {
    const token = this.document.target?.token;
    return token == null ? '"$TOKEN"' : quoteForShell(token);
  }

  /** The container's names as words of the new node's shell, which finds out what nobody knows yet. */
  get names(): { readonly ct: string; readonly dataset: string; readonly mountpoint: string } {
    const { target, destination, container } = this.document;
    const id = quoteForShell(target?.id ?? container.id);
    const pool = destination.pool === null ? '' : `${quoteForShell(destination.pool)}:`;
    const ct = target ? quoteForShell(`${target.pool}:${target.id}`) : `${pool}${id}`;
    const dataset = target ? quoteForShell(target.dataset) : DATASET;
    const known = target?.mountpoint;
    return { ct, dataset, mountpoint: known == null ? MOUNTPOINT : quoteForShell(known) };
  }

  /** The container's datasets there, parents first, as words of its shell. */
  get datasets(): string[] {
    const root = this.names.dataset;
    const below = this.document.sync.datasets.flatMap(({ name }) => (name === '' ? [] : [`${root}/${name}`]));
    return [root, ...below];
  }

  /** What sets the variables that a line for the node needs. With an empty one it must not go on. */
  #find(line: string): string {
    const { ct, dataset } = this.names;
    const mountpoint = line.includes(MOUNTPOINT)
      ? `m=$(zfs get -H -o value mountpoint ${dataset}) || exit; `
      : '';
    const needsDataset = `${mountpoint}${line}`.includes(DATASET);
    return `${needsDataset ? `d=$(osctl ct show -H -o dataset ${ct}) || exit; ` : ''}${mountpoint}`;
  }
}

/** Of the container, as long as nobody knows where it is. */
const DATASET = '"$d"';
const MOUNTPOINT = '"$m"';
