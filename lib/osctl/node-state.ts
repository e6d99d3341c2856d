import * as z from 'zod';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import script from './inspect-node.sh';
import type { Section } from './sections.ts';
import { runSections } from './sections.ts';

/** What osctl's objects hold differs between revisions; only what is used here is looked at. */
const pool = z.looseObject({ name: z.string(), dataset: z.string(), state: z.string().nullish() });
const container = z.looseObject({
  pool: z.string(),
  id: z.string(),
  user: z.string().nullish(),
  dataset: z.string().nullish(),
  state: z.string(),
});
const named = z.looseObject({ name: z.string() });

export type Pool = z.infer<typeof pool>;
export type ShownContainer = z.infer<typeof container>;

export interface AddressInUse {
  readonly address: string;
  /** Where it was seen: a container's id, `a route`. */
  readonly where: string;
}

export interface NodeState {
  readonly pools: readonly Pool[];
  /** What `ct show` says of the id; null: there is none. */
  readonly container: ShownContainer | null;
  /** null: osctl could not be asked. */
  readonly users: readonly string[] | null;
  readonly groups: readonly string[] | null;
  /** Names of the node's network interfaces; null: not known. */
  readonly links: readonly string[] | null;
  readonly addresses: readonly AddressInUse[];
}

/** Looks at a node; `ct` is ID or POOL:ID. Throws VzError: 69 when there is no osctl or it fails, 75 when it is locked. */
export async function inspectNode(host: Host, ct: string, signal: AbortSignal): Promise<NodeState> {
  return readNodeState(await runSections(host, script, [ct], signal), host.label);
}

/** Reads the sections of the inspection script. */
export function readNodeState(sections: ReadonlyMap<string, Section>, where: string): NodeState {
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
    pools: parseAs(z.array(pool), pools.output, where),
    container: readContainer(sections.get('container'), where),
    users: readNames(sections.get('users')),
    groups: readNames(sections.get('groups')),
    links: readLinks(sections.get('links')),
    addresses: [...routedAddresses(sections), ...interfaceAddresses(sections.get('interfaces'))],
  };
}

/** Parses what `osctl -j ct show` printed. Throws VzError (69). */
export function parseShownContainer(text: string, where: string): ShownContainer {
  return parseAs(container, text, where);
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

function readNames(section: Section | undefined): string[] | null {
  const rows = readRows(section);
  return rows?.flatMap((row) => named.safeParse(row).data?.name ?? []) ?? null;
}

function readRows(section: Section | undefined): unknown[] | null {
  if (section?.code !== 0) return null;
  try {
    const value: unknown = JSON.parse(section.output);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** `2: eth0@if3: <BROADCAST,…` */
function readLinks(section: Section | undefined): string[] | null {
  if (section?.code !== 0) return null;
  return [...section.output.matchAll(/^\d+: ([^:@\s]+)/gm)].map((match) => match[1] ?? '');
}

/** Addresses of the node itself, and of running containers with a routed interface. */
function routedAddresses(sections: ReadonlyMap<string, Section>): AddressInUse[] {
  const routes = ['routes', 'routes6'].flatMap((name) => lines(sections.get(name)));
  const own = lines(sections.get('addresses'));
  return [
    ...routes.map((line) => ({
      address: hostAddress(line.split(' ')[0] ?? ''),
      where: 'a route of the node',
    })),
    ...own.map((line) => ({
      address: (/ inet6? ([^\s/]+)/.exec(line)?.[1] ?? '').toLowerCase(),
      where: 'the node itself',
    })),
  ].filter(({ address }) => address !== '');
}

function lines(section: Section | undefined): string[] {
  return section?.code === 0 ? section.output.split('\n') : [];
}

/** Every text in a row of `ct netif ls` that looks like an address, whatever the revision calls its field. */
function interfaceAddresses(section: Section | undefined): AddressInUse[] {
  return (readRows(section) ?? []).flatMap((row) => {
    const id = z.looseObject({ ctid: z.string() }).safeParse(row).data?.ctid;
    return textsIn(row)
      .map((text) => text.replace(/\/\d+$/, '').toLowerCase())
      .filter((text) => /^\d+(\.\d+){3}$|^[0-9a-f:]+:[0-9a-f:.]*$/.test(text))
      .map((address) => ({ address, where: id === undefined ? 'another container' : `container ${id}` }));
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The address of a host route; empty for a network. */
export function hostAddress(text: string): string {
  const [address = '', prefix] = text.toLowerCase().split('/');
  const whole = prefix === undefined || prefix === (address.includes(':') ? '128' : '32');
  return whole && /[.:]/.test(address) ? address : '';
}
