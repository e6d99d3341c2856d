import { readFileSync } from 'node:fs';
import { readAddress } from '../../lib/convert/address.ts';
import { convertContainer } from '../../lib/convert/convert.ts';
import type { StaticAddress } from '../../lib/convert/interfaces.ts';
import type { ConvertOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import type { OsctlContainer, VzConfig } from '../../lib/documents/documents.ts';
import type { Facts } from '../../lib/documents/facts.ts';
import { parseConfig } from '../../lib/vz/parse-config.ts';
import { checkedAtEnd } from '../support/osctld-config/checked.ts';

/** A vz-config document of a config's text, as vz-parse-config makes it, without the files it would carry along. */
export function configOf(text: string | Buffer, { facts = null, global = null }: Sample = {}): VzConfig {
  const parsed = parseConfig({
    ctid: '101',
    container: Buffer.from(text),
    global: global === null ? null : Buffer.from(global),
    pageSize: facts?.node.pageSize ?? 4096,
  });
  return { kind: 'vz-config', schema: 1, ctid: '101', source: SOURCE, facts, ...parsed };
}

interface Sample {
  readonly facts?: Facts | null;
  readonly global?: string | Buffer | null;
}

/** Converts a config's text with the defaults, but for what is given. */
export function convert(
  text: string,
  options: Partial<ConvertOptions> = {},
  sample: Sample = {},
): OsctlContainer {
  return convertChecked(configOf(text, sample), { ...DEFAULT_OPTIONS, ...options });
}

/** Converts a document, and has the result looked at by the stand-in for osctld's loader when the file is through. */
export function convertChecked(config: VzConfig, options: ConvertOptions = DEFAULT_OPTIONS): OsctlContainer {
  return checkedAtEnd(convertContainer(config, options));
}

/** `{ eth0: ['203.0.113.7/24'] }` as --ip gives it. */
export function ips(entries: Record<string, readonly string[]>): Pick<ConvertOptions, 'ips'> {
  const read = (entry: string): StaticAddress => {
    const [text = '', prefix] = entry.split('/');
    const address = readAddress(text);
    if (address === undefined) throw new TypeError(entry);
    return { address, prefix: prefix === undefined ? null : Number(prefix) };
  };
  return { ips: new Map(Object.entries(entries).map(([name, list]) => [name, list.map(read)])) };
}

export function warningCodes({ report }: OsctlContainer): string[] {
  return report.warnings.map(({ code }) => code);
}

/** What became of the items of a key: `-> became` or `reason`. */
export function fatesOf({ report }: OsctlContainer, key: string): string[] {
  return [
    ...report.consumed.filter((item) => item.key === key).map(({ became }) => `-> ${became}`),
    ...report.ignored.filter((item) => item.key === key).map(({ reason }) => reason),
  ];
}

export function corpusFile(name: string): Buffer {
  return readFileSync(`test/fixtures/openvz-conf/${name}.conf`);
}

/** Facts of a running simfs container on a node with 8 GiB; `guest` says nothing unless it is told to. */
export function factsOf(changes: Partial<Facts> = {}): Facts {
  return { ...FACTS, ...changes };
}

const SOURCE: VzConfig['source'] = { host: null, offline: null, path: '/etc/vz/conf/101.conf', files: [] };

export const NO_GUEST: Facts['guest'] = {
  osRelease: null,
  releaseFiles: {},
  elfClass: null,
  init: null,
  systemd: null,
  glibc: null,
  userQuota: [],
  nfsExports: null,
  venetRules: [],
  nested: [],
};

const FACTS: Facts = {
  level: 'fast',
  node: {
    kernel: '2.6.32-042stab145.3',
    pageSize: 4096,
    cpus: 4,
    memoryBytes: String(8 * 1024 ** 3),
    nameservers: ['127.0.0.1', '198.51.100.1', '2001:DB8::53'],
    searchDomains: [],
    programs: {
      vzctl: '4.11.1',
      snapshotMount: false,
      vzlist: true,
      tar: { version: '1.23', xattrs: true, sparse: true },
      compressors: ['gzip'],
      rsync: '3.0.6',
      zfs: false,
      zfsSend: [],
      getcap: false,
    },
    proxmox: null,
    lockDir: '/vz/lock',
    dumpDir: '/vz/dump',
    free: [{ path: '/vz', bytes: '53687091200' }],
  },
  status: { exists: true, mounted: true, running: true, suspended: false },
  privatePath: '/vz/private/101',
  rootPath: '/vz/root/101',
  layout: 'simfs',
  dataset: null,
  mountpoint: null,
  nameLink: null,
  guest: NO_GUEST,
  submounts: [],
  actionScripts: [],
  deviceNumbers: {},
  usedBytes: null,
  snapshots: null,
  deep: null,
};
