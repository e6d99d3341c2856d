import * as z from 'zod';
import type { VpsadminosNode } from '../documents/vpsadminos-node.ts';
import type { Host } from '../host/host.ts';
import script from './inspect-host.sh';
import type { Named, Pool } from './node-state.ts';
import type { Section } from './sections.ts';
import { readRows, runSections } from './sections.ts';

/** What of a node's document does not come from `inspectNode`. */
export type HostState = Omit<
  VpsadminosNode,
  'kind' | 'schema' | 'node' | 'at' | 'pool' | 'users' | 'addresses'
>;

type Group = NonNullable<VpsadminosNode['groups']>[number];
type Device = NonNullable<Group['devices']>[number];
type Sections = ReadonlyMap<string, Section>;

/** Looks at what of a node is the same for all its containers, and at what they have taken. Throws VzError (69). */
export async function inspectHost(
  host: Host,
  pools: readonly Pool[],
  groups: readonly Named[] | null,
  signal: AbortSignal,
): Promise<HostState> {
  const asked = (groups ?? [])
    .slice(0, MOST_GROUPS)
    .map(({ name, pool }) => (pool ? `${pool}:${name}` : name));
  const words = [String(pools.length), ...pools.map(({ dataset }) => dataset), ...asked];
  return readHostState(await runSections(host, script, words, signal), pools, groups);
}

/** Reads the sections of the script; pools and groups are those that it was asked for, in their order. */
export function readHostState(
  sections: Sections,
  pools: readonly Pool[],
  groups: readonly Named[] | null,
): HostState {
  const commandLine = line(sections, 'cmdline');
  const containers = readContainers(sections.get('containers'));
  return {
    osctlVersion: /\d+(?:\.\d+)+\S*/.exec(line(sections, 'version') ?? '')?.[0] ?? null,
    kernel: {
      release: line(sections, 'release'),
      commandLine,
      vsyscall: readVsyscall(sections, commandLine),
    },
    cgroupVersion: oneOrTwo(line(sections, 'cgroup')),
    architectures: readArchitectures(sections, commandLine),
    receiveProtocol: readProtocol(sections.get('keys')),
    mapModes: readMapModes(sections.get('options'), containers),
    pools: pools.map(({ name, dataset, state }, place) => ({
      name,
      dataset,
      state: state ?? null,
      availableBytes: decimalOf(line(sections, `available${place}`)),
      mountpoint: absolute(line(sections, `mountpoint${place}`)),
      containerDatasets:
        readLines(sections.get(`datasets${place}`))?.filter((one) => one !== `${dataset}/ct`) ?? null,
    })),
    containers,
    groups:
      groups?.map(({ name, pool }, place) => ({
        pool: pool ?? null,
        name,
        devices: readDevices(sections.get(`group${place}`)),
      })) ?? null,
    // ls fails for those that are not there, and names the others.
    deviceNodes: sections.get('devices')?.output.split('\n').filter(Boolean) ?? null,
    bridges: readBridges(sections.get('bridges')),
  };
}

/** The first line of what a command printed; null: it failed. */
function line(sections: Sections, name: string): string | null {
  return readLines(sections.get(name))?.[0] ?? null;
}

function readLines(section: Section | undefined): string[] | null {
  return section?.code === 0 ? section.output.split('\n').filter(Boolean) : null;
}

/**
 * As a 64-bit process of the node has it: the page is in its memory map unless the mode is none, and only in the
 * mode emulate can be read (vsyscall_64.c of Linux). `vsyscall=` of the command line says it, too, where it is given.
 */
function readVsyscall(sections: Sections, commandLine: string | null): VpsadminosNode['kernel']['vsyscall'] {
  const memory = sections.get('memory');
  if (memory?.code === 0 && line(sections, 'machine') === 'x86_64') {
    const rights = / (..)x. .*\[vsyscall\]$/m.exec(memory.output)?.[1];
    return rights === undefined ? 'none' : rights.startsWith('r') ? 'emulate' : 'xonly';
  }
  const word = lastWord(commandLine, 'vsyscall');
  return word === 'none' || word === 'xonly' || word === 'emulate' ? word : null;
}

/** Linux has the sysctl abi.vsyscall32 where it was built with IA32 emulation, which can be off all the same (6.7). */
function readArchitectures(sections: Sections, commandLine: string | null): string[] | null {
  const machine = line(sections, 'machine');
  if (machine !== 'x86_64') return machine === null ? null : [machine];
  const isOff = /^(?:0|off|n|no|false)$/i.test(lastWord(commandLine, 'ia32_emulation') ?? '');
  return sections.get('ia32')?.code === 0 && !isOff ? ['x86_64', 'x86'] : ['x86_64'];
}

/** Of several the last one counts. */
function lastWord(commandLine: string | null, key: string): string | undefined {
  const words = commandLine?.split(/\s+/).filter((word) => word.startsWith(`${key}=`)) ?? [];
  return words.at(-1)?.slice(key.length + 1);
}

/** A newer osctld gives the hook a digest of the key as its third word. Without any key nothing is known. */
function readProtocol(section: Section | undefined): VpsadminosNode['receiveProtocol'] {
  const commands = readLines(section)?.flatMap((one) => /\bcommand="([^"]*)"/.exec(one)?.[1] ?? []) ?? [];
  const [hook] = commands.filter((command) => HOOK.test(command));
  return hook === undefined ? null : hook.trim().split(/\s+/).length > 3 ? 2 : 1;
}

/** An osctld without the option shifts ids by the dataset. */
function readMapModes(
  options: Section | undefined,
  containers: VpsadminosNode['containers'],
): VpsadminosNode['mapModes'] {
  const seen = new Set((containers ?? []).flatMap(({ mapMode }) => mapMode ?? []));
  if (seen.size > 0) return [...seen].sort();
  if (options?.code !== 0) return null;
  return options.output.includes('--map-mode') ? ['native', 'zfs'] : ['zfs'];
}

function readContainers(section: Section | undefined): VpsadminosNode['containers'] {
  const rows = readRows(section);
  return (
    rows?.flatMap((row) => {
      const { data } = containerRow.safeParse(row);
      if (!data) return [];
      const { pool, id, state, user, map_mode: mode } = data;
      return [{ pool, id, state, user: user ?? null, mapMode: mode === 'native' ? 'native' : 'zfs' }];
    }) ?? null
  );
}

function readDevices(section: Section | undefined): Device[] | null {
  return (
    readRows(section)?.flatMap((row) => {
      const { data } = deviceRow.safeParse(row);
      if (!data) return [];
      const { type, major, minor, mode } = data;
      return [{ type, major: numberOf(major), minor: numberOf(minor), mode: mode ?? '' }];
    }) ?? null
  );
}

function numberOf(text: string | number): Device['major'] {
  return /^\d+$/.test(String(text)) ? Number(text) : 'all';
}

/** `3: lxcbr0: <BROADCAST,…` */
function readBridges(section: Section | undefined): string[] | null {
  return readLines(section)?.flatMap((one) => /^\d+: ([^:@\s]+)/.exec(one)?.[1] ?? []) ?? null;
}

function oneOrTwo(text: string | null): 1 | 2 | null {
  return text === '1' ? 1 : text === '2' ? 2 : null;
}

function decimalOf(text: string | null): string | null {
  return text !== null && /^(0|[1-9]\d{0,19})$/.test(text) ? text : null;
}

function absolute(text: string | null): string | null {
  return text?.startsWith('/') ? text : null;
}

const containerRow = z.looseObject({
  pool: z.string(),
  id: z.string(),
  state: z.string(),
  user: z.string().nullish(),
  map_mode: z.string().nullish(),
});
const deviceRow = z.looseObject({
  type: z.enum(['block', 'char']),
  major: z.union([z.string(), z.int()]),
  minor: z.union([z.string(), z.int()]),
  mode: z
    .string()
    .regex(/^[rwm]{0,3}$/)
    .nullish(),
});

/** `/run/osctl/send-receive/run POOL KEY [DIGEST]`. */
const HOOK = /^\S*send-receive\/run /;

/** Each is a command of its own, which takes a good part of a second. */
const MOST_GROUPS = 20;
