import { usedItems } from '../documents/effective.ts';
import type { NodeFacts } from '../documents/facts.ts';
import type { Host } from '../host/host.ts';
import { checkExit } from '../host/run.ts';
import { parseConfig } from '../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../vz/value.ts';
import { configFrom, LARGEST_CONFIG_BYTES } from './config-file.ts';
import type { Dataset } from './datasets.ts';
import { parseDatasets } from './datasets.ts';
import type { Mount } from './mounts.ts';
import { parseMounts } from './mounts.ts';
import script from './probe.sh';
import { Records } from './records.ts';
import { parseResolvConf } from './resolv-conf.ts';

/** What is looked up once for a node: its facts, and the tables that the facts of each container are found in. */
export interface NodeSurvey {
  readonly facts: NodeFacts;
  readonly isRoot: boolean;
  readonly mounts: readonly Mount[];
  readonly datasets: readonly Dataset[];
}

export interface NodeLook {
  /** A config that was read at the same time; see `readConfigFile`. */
  readonly config: (path: string) => Promise<Buffer | null>;
  /** `global` is the node's vz.conf, which names the lock and dump directories. */
  readonly survey: (global: Buffer | null) => NodeSurvey;
}

/**
 * Looks at a node with one script: what there is, never what a version promises; and reads configs in the same round trip.
 * Throws VzError (69) when no shell answers there.
 */
export async function lookAtNode(
  host: Host,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<NodeLook> {
  const argv = ['sh', '-c', script];
  const result = await host.readAndRun({ paths, maxBytes: LARGEST_CONFIG_BYTES, argv, signal });
  checkExit(host, argv, result);
  const records = new Records(result.stdout);
  return {
    config: (path) => configFrom(path, result.file(path)),
    survey: (global) => ({
      facts: nodeFacts(records, global),
      isRoot: records.text('uid') === '0',
      mounts: parseMounts(records.text('mounts') ?? ''),
      datasets: parseDatasets(records.text('datasets') ?? ''),
    }),
  };
}

/** The facts of a node whose vz.conf is at the usual place. Throws VzError (69, 74, 77). */
export async function probeNode(host: Host, signal?: AbortSignal): Promise<NodeFacts> {
  const global = '/etc/vz/vz.conf';
  const { config, survey } = await lookAtNode(host, [global], signal);
  return survey(await config(global)).facts;
}

function nodeFacts(records: Records, global: Buffer | null): NodeFacts {
  const directory = records.text('vz-directory') ?? '/vz';
  const tar = records.text('tar');
  return {
    kernel: records.text('kernel') ?? '',
    pageSize: positive(records.text('page-size'), X86_PAGE_BYTES),
    cpus: positive(records.text('cpus'), 1),
    memoryBytes: String(BigInt(positive(records.text('memory-kib'), 0)) * 1024n),
    ...parseResolvConf(records.text('resolv.conf') ?? ''),
    programs: {
      vzctl: versionIn(records.text('vzctl')),
      snapshotMount: records.text('snapshot-mount') !== undefined,
      vzlist: records.text('vzlist') !== undefined,
      tar:
        tar === undefined
          ? null
          : {
              version: versionIn(tar) ?? '',
              xattrs: records.text('tar-xattrs') !== undefined,
              sparse: records.text('tar-sparse') !== undefined,
            },
      compressors: records.all('compressor'),
      rsync: versionIn(records.text('rsync')),
      zfs: records.text('zfs') !== undefined,
      zfsSend: sendFlags(records.text('zfs-send') ?? ''),
      getcap: records.text('getcap') !== undefined,
    },
    proxmox: versionIn(records.text('proxmox')),
    lockDir: globalPath(global, 'LOCKDIR') ?? `${directory}/lock`,
    dumpDir: globalPath(global, 'DUMPDIR') ?? `${directory}/dump`,
    free: records.all('free').flatMap(readFree),
  };
}

/** `/vz=1024`: a path and KiB. */
function readFree(text: string): { path: string; bytes: string }[] {
  const [, path, kib] = /^(.+)=(\d+)$/s.exec(text) ?? [];
  return path === undefined || kib === undefined ? [] : [{ path, bytes: String(BigInt(kib) * 1024n) }];
}

/** The version in a program's first line (`tar (GNU tar) 1.23`); the line itself when none is seen; null: no program. */
function versionIn(line: string | undefined): string | null {
  if (line === undefined) return null;
  return /\b\d+(\.\d+)+[^\s,)]*/.exec(line)?.[0] ?? line.trim();
}

/**
 * The flags without a value that `zfs send` has for sending a snapshot, from its usage: `send [-DnPpRvLec] [-[iI] snapshot]
 * <snapshot>`. Other forms, such as the one for a resume token, have other flags.
 */
export function sendFlags(usage: string): string[] {
  const letters = /^\s*send \[-([A-Za-z]+)\] \[-/m.exec(usage)?.[1] ?? '';
  return [...letters];
}

function positive(text: string | undefined, fallback: number): number {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : fallback;
}

function globalPath(global: Buffer | null, key: string): string | null {
  if (global === null) return null;
  const { items } = parseConfig({ ctid: '0', container: Buffer.alloc(0), global, pageSize: X86_PAGE_BYTES });
  const value = usedItems({ items }, key)[0]?.value;
  return value?.type === 'text' && value.text.startsWith('/') ? value.text : null;
}
