import * as z from 'zod';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { AddressesInUse } from './addresses-in-use.ts';
import { readAddressesInUse } from './addresses-in-use.ts';
import script from './inspect-node.sh';
import type { Section } from './sections.ts';
import { readRows, runSections } from './sections.ts';

/** What osctl's objects hold differs between revisions; only what is used here is looked at. */
const pool = z.looseObject({ name: z.string(), dataset: z.string(), state: z.string().nullish() });
const container = z.looseObject({
  pool: z.string(),
  id: z.string(),
  user: z.string().nullish(),
  dataset: z.string().nullish(),
  state: z.string(),
});
const named = z.looseObject({ name: z.string(), pool: z.string().nullish() });
const mapRow = z.looseObject({ type: z.string(), ns_id: z.int(), host_id: z.int(), count: z.int() });

export type Pool = z.infer<typeof pool>;
export type ShownContainer = z.infer<typeof container>;

export type Named = z.infer<typeof named>;

/** Entries `NS:HOST:COUNT`, as in a document. */
export interface UserMaps {
  readonly uidMap: readonly string[];
  readonly gidMap: readonly string[];
}

export interface NodeState {
  readonly pools: readonly Pool[];
  /** What `ct show` says of the id; null: there is none. */
  readonly container: ShownContainer | null;
  /** null: osctl could not be asked. */
  readonly users: readonly Named[] | null;
  readonly groups: readonly Named[] | null;
  /** Of the user that was asked for; null: not known. */
  readonly userMaps: UserMaps | null;
  /** Names of the node's network interfaces; null: not known. */
  readonly links: readonly string[] | null;
  readonly addresses: AddressesInUse;
}

export interface NodeQuestion {
  /** ID or POOL:ID; null: none. */
  readonly ct: string | null;
  /** A user whose id map is wanted; null: none. */
  readonly user: string | null;
}

/** Looks at a node. Throws VzError: 69 when there is no osctl or it fails, 75 when it is locked. */
export async function inspectNode(
  host: Host,
  { ct, user }: NodeQuestion,
  signal: AbortSignal,
): Promise<NodeState> {
  return readNodeState(await runSections(host, script, [ct ?? '', user ?? ''], signal), host.label, ct);
}

/** Reads the sections of the inspection script. */
export function readNodeState(
  sections: ReadonlyMap<string, Section>,
  where: string,
  ct: NodeQuestion['ct'],
): NodeState {
  const pools = sections.get('pools');
  if (pools?.code !== 0) {
    throw new VzError('NO_OSCTL', {
      exit: EXIT.unavailable,
      where,
      what: `osctl pool ls failed: ${pools?.message ?? 'no answer'}`,
      hint: 'is this a vpsAdminOS node, and is the login root?',
    });
  }
  return {
    pools: parsePools(pools.output, where),
    container: ct === null ? null : readContainer(sections.get('container'), where),
    users: readNamed(sections.get('users')),
    groups: readNamed(sections.get('groups')),
    userMaps: readUserMaps(sections.get('maps')),
    links: readLinks(sections.get('links')),
    addresses: readAddressesInUse(sections),
  };
}

/** Parses what `osctl -j ct show` printed. Throws VzError (69). */
export function parseShownContainer(text: string, where: string): ShownContainer {
  return parseAs(container, text, where);
}

/** Parses what `osctl -j pool ls` printed. Throws VzError (69). */
export function parsePools(text: string, where: string): Pool[] {
  return parseAs(z.array(pool), text, where);
}

function readContainer(section: Section | undefined, where: string): ShownContainer | null {
  if (section?.code === 0) return parseShownContainer(section.output, where);
  const message = section?.message ?? 'no answer';
  if (/container not found|pool not found/.test(message)) return null;
  throw new VzError('OSCTL_FAILED', {
    exit: / is held by /.test(message) ? EXIT.tempFail : EXIT.unavailable,
    where,
    what: `osctl ct show failed: ${message}`,
  });
}

function parseAs<T>(schema: z.ZodType<T>, text: string, where: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VzError('OSCTL_ANSWER', {
      exit: EXIT.unavailable,
      where,
      what: `osctl answered something unknown: ${text.slice(0, 80)}`,
      cause,
    });
  }
}

/** The names of users or groups in one pool: each pool has its own. */
export function namesIn(list: readonly Named[] | null, pool: Pool): string[] {
  return (list ?? []).filter((entry) => (entry.pool ?? pool.name) === pool.name).map(({ name }) => name);
}

function readNamed(section: Section | undefined): Named[] | null {
  const rows = readRows(section);
  return rows?.flatMap((row) => named.safeParse(row).data ?? []) ?? null;
}

/** The rows of `osctl user map`. */
function readUserMaps(section: Section | undefined): UserMaps | null {
  const rows = readRows(section)?.flatMap((row) => mapRow.safeParse(row).data ?? []);
  if (!rows || rows.length === 0) return null;
  const entries = (kind: string): string[] =>
    rows
      .filter(({ type }) => type === kind)
      .map(({ ns_id, host_id, count }) => `${ns_id}:${host_id}:${count}`);
  return { uidMap: entries('uid'), gidMap: entries('gid') };
}

/** `2: eth0@if3: <BROADCAST,…` */
function readLinks(section: Section | undefined): string[] | null {
  if (section?.code !== 0) return null;
  return [...section.output.matchAll(/^\d+: ([^:@\s]+)/gm)].map((match) => match[1] ?? '');
}
