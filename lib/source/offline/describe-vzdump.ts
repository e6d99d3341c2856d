import { basename } from 'node:path';
import type { Facts } from '../../documents/facts.ts';
import type { VzConfig } from '../../documents/vz-config.ts';
import { EXIT, VzError } from '../../errors.ts';
import { localHost } from '../../host/local.ts';
import { parseConfig } from '../../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../../vz/value.ts';
import { type DescribeOptions, refuseBadLines } from '../describe.ts';
import { lookAtNode } from '../probe.ts';
import { isContainerId } from '../reference.ts';
import { toSourceFile } from '../source-file.ts';
import { lookAtGuest } from './guest-tree.ts';
import { CONFIG, OWN, scanVzdump } from './scan-vzdump.ts';
import { readVzdump } from './vzdump-file.ts';

/** The id in a name that vzdump gives: `vzdump-openvz-101-2014_05_01-02_00_01.tar.lzo`, `vzdump-101.tgz`; null: none. */
export function idOfVzdump(file: string): string | null {
  const id = /^vzdump-(?:openvz-)?(\d+)[-.]/.exec(basename(file))?.[1];
  return id !== undefined && isContainerId(id) ? id : null;
}

/**
 * Makes the document of the container in an archive of vzdump, which is read once, to its end: so it is known to be whole.
 * Throws VzError: 64 no id is known, 65 the archive is cut off, damaged or no such archive, and as `readVzdump`.
 */
export async function describeVzdump(
  file: string,
  ctid: string | null,
  options: DescribeOptions,
): Promise<VzConfig> {
  if (ctid === null) {
    throw new VzError('NO_CTID', {
      exit: EXIT.usage,
      where: file,
      what: 'the name of the file says no id',
      hint: 'give --ctid ID',
    });
  }
  const { signal } = options;
  const { config, scripts, guest, deep } = await scanVzdump(readVzdump(file, signal), file);
  const { items, warnings } = parseConfig({
    ctid,
    container: config,
    global: null,
    pageSize: X86_PAGE_BYTES,
  });
  if (options.strict) refuseBadLines(ctid, items, warnings);
  const path = `/${CONFIG}`;
  const scriptFiles = [...scripts].map(([name, content]) =>
    toSourceFile(`/${OWN}${ctid}.${name}`, 'script', content),
  );
  const document: VzConfig = {
    kind: 'vz-config',
    schema: 1,
    ctid,
    source: {
      host: null,
      offline: { from: 'vzdump', file },
      path,
      files: [toSourceFile(path, 'container', config), ...scriptFiles],
    },
    items,
    facts: null,
    warnings,
  };
  if (options.facts === 'none') return document;
  const { facts: node } = (await lookAtNode(localHost, [], signal)).survey(null);
  const gone = {
    kernel: '',
    cpus: null,
    memoryBytes: '0',
    nameservers: [],
    searchDomains: [],
    proxmox: null,
    free: [],
  };
  const facts: Facts = {
    level: 'deep',
    node: { ...node, ...gone },
    status: null,
    privatePath: null,
    rootPath: null,
    layout: 'simfs',
    dataset: null,
    mountpoint: null,
    nameLink: null,
    guest: await lookAtGuest(guest, signal),
    submounts: [],
    actionScripts: scriptFiles.map((script) => ({ path: script.path, executable: true })),
    deviceNumbers: {},
    usedBytes: null,
    snapshots: null,
    deep,
  };
  document.facts = facts;
  return document;
}
