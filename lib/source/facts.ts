import { basename, join } from 'node:path/posix';
import { usedItems } from '../documents/effective.ts';
import type { Facts, StatusFacts } from '../documents/facts.ts';
import type { SourceFile } from '../documents/source.ts';
import type { ConfigItem, Warning } from '../documents/vz-config.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host, ReadAndRun } from '../host/host.ts';
import { actionScriptNames, LARGEST_SCRIPT_BYTES, readActionScripts } from './action-scripts.ts';
import script from './container-facts.sh';
import { ownDataset } from './datasets.ts';
import { readGuest } from './guest.ts';
import { mountOf, mountsBelow } from './mounts.ts';
import type { NodeSurvey } from './probe.ts';
import { Records } from './records.ts';
import { parseStatus } from './status.ts';
import { walkTree } from './walk.ts';

export interface FactsOptions {
  readonly host: Host;
  readonly survey: NodeSurvey;
  readonly ctid: string;
  readonly items: readonly ConfigItem[];
  /** Where the container's config and action scripts are. */
  readonly confDir: string;
  /** `fast` walks nothing, however large the container is. */
  readonly level: 'fast' | 'deep';
  readonly signal?: AbortSignal;
  /** Of a dead node; else it is a node that runs. */
  readonly dead?: DeadPlace;
}

/** Where what a dead node names lies on this machine. */
export interface DeadPlace {
  /** A path of the dead node, with the links of its disks followed on its disks. Throws VzError (65, 77). */
  readonly at: (path: string) => string;
  /** Those that there are, as readActionScripts takes them. */
  readonly scripts: (names: readonly string[]) => string[];
}

export interface GatheredFacts {
  readonly facts: Facts;
  readonly files: SourceFile[];
  readonly warnings: Warning[];
}

/**
 * Looks at a container where it lives: its action scripts and one script on the node, and with `deep` one walk of its
 * tree. What cannot be found out is null, with a warning where that is a surprise. Throws VzError when the
 * node cannot be reached (69) or the walk fails (74, 77).
 */
export async function gatherFacts(options: FactsOptions): Promise<GatheredFacts> {
  const { host, survey, ctid, confDir, level, signal, dead } = options;
  const config = readConfig(options);
  const names = actionScriptNames(ctid);
  // Nothing is asked about a dead node but its files, and devices here are those of another machine.
  const [asked, scriptNames, devnodes] = dead ? ['', '', []] : [ctid, names.join(' '), config.devnodes];
  const paths = [config.privatePath, config.rootPath, config.nameLink].map((path) => path ?? '');
  const read: ReadAndRun = {
    paths: names.map((name) => (dead ? dead.at(join(confDir, name)) : join(confDir, name))),
    maxBytes: LARGEST_SCRIPT_BYTES,
    argv: ['sh', '-c', script, 'sh', asked, confDir, ...paths, scriptNames, ...devnodes],
    signal,
  };
  const result = await host.readAndRun(read);
  signal?.throwIfAborted();
  const records = new Records(result.stdout);
  const status = dead ? null : readStatusRecord(records, ctid, host.label);
  const file = (path: string): Promise<Buffer | null> => result.file(dead ? dead.at(path) : path);
  const scripts = await readActionScripts(file, confDir, dead ? dead.scripts(names) : records.all('script'));
  const layout = readLayout(records);
  const tree = records.text('private') ?? null;
  // A snapshot of a dead node's dataset would be written to it.
  const dataset = tree === null || dead ? null : ownDataset(survey, tree, ctid);
  const facts: Facts = {
    level,
    node: survey.facts,
    status: status === null || 'warning' in status ? null : status,
    privatePath: config.privatePath,
    rootPath: config.rootPath,
    layout,
    dataset,
    mountpoint: tree === null ? null : (mountOf(survey.mounts, tree)?.path ?? null),
    nameLink: config.nameLink === null ? null : pointsTo(records.text('name-link') ?? '', ctid),
    guest: readGuest(records),
    submounts: submounts(survey, [tree, records.text('root')], dataset?.children ?? []),
    actionScripts: scripts.scripts,
    deviceNumbers: readDevices(records),
    usedBytes: usedBytes(records.text('diskspace') ?? ''),
    snapshots: layout === 'ploop' || dataset !== null ? readCount(records.text('snapshots')) : null,
    deep: level === 'deep' && layout === 'simfs' && tree !== null ? await walkTree(host, tree, signal) : null,
  };
  const warnings = [
    ...config.warnings,
    ...(status !== null && 'warning' in status ? [status.warning] : []),
    ...(survey.isRoot ? [] : [NOT_ROOT]),
    ...scripts.warnings,
  ];
  return { facts, files: scripts.files, warnings };
}

/** What of the config leads to something on the node. */
interface Leads {
  readonly privatePath: string | null;
  readonly rootPath: string | null;
  readonly nameLink: string | null;
  readonly devnodes: string[];
  readonly warnings: Warning[];
}

function readConfig({ items, confDir, dead }: FactsOptions): Leads {
  const warnings: Warning[] = [];
  const path = (key: string): string | null => {
    const item = usedItems({ items: [...items] }, key)[0];
    if (item?.value?.type !== 'text') return null;
    // Arguments of a command are UTF-8, so a path of other bytes cannot be asked for.
    if (item.encoding === 'utf8' && item.value.text.startsWith('/')) return item.value.text;
    const why = item.encoding === 'utf8' ? 'no absolute path' : 'not UTF-8';
    warnings.push({
      code: 'PATH_NOT_USABLE',
      text: `${key} is ${why}: nothing was looked up there`,
      line: null,
    });
    return null;
  };
  const here = (found: string | null): string | null => (found === null || !dead ? found : dead.at(found));
  const name = usedItems({ items: [...items] }, 'NAME')[0]?.value;
  const names = join(confDir, '..', 'names');
  const devnodes = usedItems({ items: [...items] }, 'DEVNODES').flatMap(({ value }) =>
    value?.type === 'devnodes' ? value.nodes.map((node) => node.name) : [],
  );
  return {
    privatePath: here(path('VE_PRIVATE')),
    rootPath: here(path('VE_ROOT')),
    nameLink: name?.type === 'text' && name.text !== '' ? join(here(names) ?? names, name.text) : null,
    devnodes: devnodes.filter((node) => !node.split('/').includes('..')).slice(0, MAX_DEVNODES),
    warnings,
  };
}

function readStatusRecord(records: Records, ctid: string, label: string): StatusFacts | { warning: Warning } {
  try {
    const code = Number(records.text('status-exit') ?? EXIT.unavailable);
    const exit = { code, signal: null, stderr: '' };
    return parseStatus({ ctid, label, exit, output: records.text('status') ?? '' });
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    const text = `the state of the container is not known: ${error.line}`;
    return { warning: { code: 'NO_STATUS', text, line: null } };
  }
}

function readLayout(records: Records): Facts['layout'] {
  const layout = records.text('layout');
  return layout === 'simfs' || layout === 'ploop' ? layout : null;
}

/** vzctl goes by the name behind the last slash. */
function pointsTo(link: string, ctid: string): boolean {
  return basename(link) === `${ctid}.conf`;
}

function submounts(
  { mounts }: NodeSurvey,
  trees: readonly (string | null | undefined)[],
  children: readonly string[],
): string[] {
  const withData = mounts.filter(({ type, device }) => !DATALESS.has(type) && !children.includes(device));
  const below = trees.flatMap((tree) => (tree ? mountsBelow(withData, tree) : []));
  return [...new Set(below)].slice(0, MAX_SUBMOUNTS);
}

/** `character special file|a|c8|net/tun`: stat's %t and %T are hexadecimal. */
function readDevices(records: Records): Facts['deviceNumbers'] {
  return Object.fromEntries(
    records.all('device').flatMap((record) => {
      const match = /^(block|character) special file\|([0-9a-f]+)\|([0-9a-f]+)\|(.*)$/s.exec(record);
      if (!match) return [];
      const [, type, major = '', minor = '', name = ''] = match;
      const numbers = { major: Number.parseInt(major, 16), minor: Number.parseInt(minor, 16) };
      return [[name, { type: type === 'block' ? ('block' as const) : ('char' as const), ...numbers }]];
    }),
  );
}

function readCount(text: string | undefined): number | null {
  const count = text?.trim() ?? '';
  return /^\d{1,9}$/.test(count) ? Number(count) : null;
}

/** vzlist's diskspace is in KiB, `-` without a quota. */
function usedBytes(text: string): string | null {
  const kib = text.trim();
  return /^\d{1,15}$/.test(kib) ? String(BigInt(kib) * 1024n) : null;
}

const NOT_ROOT: Warning = {
  code: 'NOT_ROOT',
  text: 'not root on the node: what may not be read looks as if it were missing',
  line: null,
};
/** A node shows what a running container has mounted, too. What these hold is gone when it stops. */
const DATALESS: ReadonlySet<string> = new Set(
  `binfmt_misc cgroup cgroup2 configfs debugfs devpts devtmpfs fusectl hugetlbfs mqueue nfsd proc pstore rpc_pipefs
   securityfs selinuxfs sysfs tmpfs tracefs`.split(/\s+/),
);
const MAX_DEVNODES = 100;
const MAX_SUBMOUNTS = 100;
