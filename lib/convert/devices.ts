import { basename } from 'node:path/posix';
import type { FeatureDevice } from '../documents/follow-up.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import type { Context } from './context.ts';
import type { DeviceNumbers } from './device-kinds.ts';
import { deviceName, kindOf, numbersOf } from './device-kinds.ts';
import type { Part } from './parts.ts';
import { decideByParts } from './parts.ts';
import { targetId } from './target.ts';

/**
 * The devices of DEVICES and DEVNODES that follow-ups of the import add. vpsAdminOS gives the standard ones to every
 * container. Any other device is the node's own, so a person has to say which one of the target takes its place.
 *
 * - Lines add up in their order, and of two about one device the later one counts.
 * - DEVNODES go by the numbers that the source node has for the name, else by the name.
 */
export function convertDevices(context: Context): Set<FeatureDevice> {
  const { ledger } = context;
  const requests = readRequests(context);
  const counting = new Map(requests.map((request) => [request.key, request]));
  const parts = new Map<ConfigItem, Part[]>();
  const given = new Set<FeatureDevice>();
  for (const request of requests) {
    const part =
      counting.get(request.key) === request ? partOf(request, targetId(context)) : superseded(request);
    const ofItem = parts.get(request.item);
    if (ofItem) ofItem.push(part);
    else parts.set(request.item, [part]);
  }
  for (const { numbers, mode } of counting.values()) {
    const kind = numbers ? kindOf(numbers) : 'other';
    if (kind !== 'other' && kind !== 'standard' && rightsOf(mode) !== '') given.add(kind);
  }
  for (const [item, ofItem] of parts) decideByParts(ledger, item, ofItem);
  return given;
}

interface Request {
  readonly item: ConfigItem;
  /** The same for two requests about one device. */
  readonly key: string;
  readonly name: string;
  /** Undefined: a node whose numbers are not known. */
  readonly numbers: DeviceNumbers | undefined;
  /** Letters of `rwq`. */
  readonly mode: string;
  /** The name below /dev; null: not said. */
  readonly node: string | null;
}

/** In the order of the config. */
function readRequests({ config, ledger }: Context): Request[] {
  const byNumbers = ledger
    .all('DEVICES', 'devices')
    .flatMap(({ item, value }) => value.devices.map((device) => request(item, device, device.mode)));
  const known = new Map(Object.entries(config.facts?.deviceNumbers ?? {}));
  const byName = ledger.all('DEVNODES', 'devnodes').flatMap(({ item, value }) =>
    value.nodes.map(({ name, mode }): Request => {
      const numbers = known.get(name) ?? numbersOf(name);
      if (numbers) return request(item, numbers, mode, name);
      const shown = `/dev/${name.slice(0, SHOWN_CHARACTERS)}`;
      return { item, key: `/dev/${name}`, name: shown, numbers: undefined, mode, node: name };
    }),
  );
  const place = new Map(config.items.map((item, index) => [item, index]));
  const placeOf = ({ item }: Request): number => place.get(item) ?? 0;
  return [...byNumbers, ...byName].sort((one, other) => placeOf(one) - placeOf(other));
}

/** `node` is the name that DEVNODES has for it below /dev. */
function request(
  item: ConfigItem,
  numbers: DeviceNumbers,
  mode: string,
  node: string | null = null,
): Request {
  const { type, major, minor } = numbers;
  const isOther = kindOf(numbers) === 'other';
  const name = node !== null && isOther ? `/dev/${node.slice(0, SHOWN_CHARACTERS)}` : deviceName(numbers);
  return { item, key: `${type} ${major}:${minor}`, name, numbers, mode, node };
}

function superseded({ name }: Request): Part {
  return { name, fate: 'dropped', severity: 'info', text: 'a later entry counts' };
}

function partOf({ name, numbers, mode, node }: Request, id: string): Part {
  const kind = numbers ? kindOf(numbers) : 'other';
  const rights = rightsOf(mode);
  const hasQuota = mode.includes('q');
  if (rights === '' && !hasQuota) return { name, fate: 'dropped', ...denied(kind) };
  if (rights === '') {
    return { name, fate: 'dropped', severity: 'minor', text: `only ${QUOTA_RIGHT}` };
  }
  if (kind === 'other')
    return { name, fate: 'dropped', ...notGiven(numbers, `${rights}m${nodePath(node)}`, id) };
  const less = rights === 'rw' || kind === 'standard' ? '' : `, with all rights instead of ${rights} alone`;
  const quota = hasQuota ? `; without ${QUOTA_RIGHT}` : '';
  const text = `${kind === 'standard' ? 'there anyway' : 'added by a follow-up'}${less}${quota}`;
  if (less === '' && quota === '') return { name, fate: 'converted', severity: 'info', text };
  return { name, fate: 'approximated', severity: less === '' ? 'info' : 'minor', text };
}

function denied(kind: FeatureDevice | 'standard' | 'other'): Pick<Part, 'severity' | 'text'> {
  if (kind !== 'standard') return { severity: 'info', text: 'denied, and not there anyway' };
  return { severity: 'minor', text: 'every container has it, and it cannot be denied by itself' };
}

function notGiven(
  numbers: DeviceNumbers | undefined,
  mode: string,
  id: string,
): Pick<Part, 'severity' | 'text'> {
  const add = `osctl ct devices add -p ${id}`;
  if (!numbers) {
    const text = `not given, its numbers are not known; ${add} with those of the target node gives it`;
    return { severity: 'major', text };
  }
  const { type, major, minor } = numbers;
  const severity = type === 'block' ? 'critical' : 'major';
  // All disks of a kind, or the node's memory: nothing that a line to paste should give away, to the groups above as well.
  if (minor === null || (type === 'char' && major === MEMORY_DEVICES)) {
    return { severity, text: 'not given, and should not be: it reaches into the node itself' };
  }
  return {
    severity,
    text: `not given; where it is the same device, ${add} ${type} ${major} ${minor} ${mode} gives it`,
  };
}

/**
 * The last word of the line, without which osctld makes no node; vzctl made it under the base name. Nothing for a name
 * that a shell would take for more than a word.
 */
function nodePath(node: string | null): string {
  const base = basename(node ?? '');
  return /^[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,59}$/.test(base) ? ` /dev/${base}` : '';
}

/** /dev/mem and its like (Linux's devices.txt); the harmless ones among them are standard. */
const MEMORY_DEVICES = 1;

/** Of `r` and `w`, which the target knows as well; `q` is the right to quota operations. */
function rightsOf(mode: string): string {
  return ['r', 'w'].filter((letter) => mode.includes(letter)).join('');
}

const QUOTA_RIGHT = 'the quota right q, which does not exist there';
const SHOWN_CHARACTERS = 60;
