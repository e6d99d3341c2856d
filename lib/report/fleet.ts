import ipaddr from 'ipaddr.js';
import { formatBytes } from '../cli/units.ts';
import type { Severity } from '../documents/report.ts';
import type { Entry, Verdict } from './entry.ts';
import { verdictOf } from './entry.ts';
import { bySeverity, isAtLeast } from './finding.ts';

type DuplicateCode = 'DUPLICATE_ID' | 'DUPLICATE_ADDRESS' | 'DUPLICATE_MAC' | 'DUPLICATE_HOSTNAME';

/** Something that occurs in several containers and should not, or that they do not have room for together. */
export interface FleetFinding {
  readonly severity: Severity;
  readonly code: DuplicateCode | 'POOL_TOO_SMALL';
  readonly text: string;
  /** Places of the containers in `Fleet.members`, rising. */
  readonly who: readonly number[];
}

/** What is kept of each container until the end. */
export interface Member {
  readonly name: string;
  readonly node: string | null;
  readonly ctid: string | null;
  readonly failed: boolean;
  readonly blocked: boolean;
  /** Of its own findings. */
  readonly worst: Severity | null;
}

/** Gathers, in one pass, what can only be said once all containers were seen. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #seen: Record<DuplicateCode, Map<string, number[]>> = {
    DUPLICATE_ID: new Map(),
    DUPLICATE_ADDRESS: new Map(),
    DUPLICATE_MAC: new Map(),
    DUPLICATE_HOSTNAME: new Map(),
  };

  /** Pools that containers were looked at for, and what is known of their data. */
  readonly #pools = new Map<string, PoolDemand>();

  /** Returns the container's place. */
  add(entry: Entry): number {
    const { name, node, ctid, id, hostname, failed, blocked, findings, addresses, macs } = entry;
    const worst = findings[0]?.severity ?? null;
    const place = this.members.push({ name, node, ctid, failed, blocked, worst }) - 1;
    if (id !== null) this.#see('DUPLICATE_ID', id, place);
    if (hostname !== null) this.#see('DUPLICATE_HOSTNAME', hostname.toLowerCase(), place);
    for (const address of addresses) this.#see('DUPLICATE_ADDRESS', withoutPrefix(address), place);
    for (const mac of macs) this.#see('DUPLICATE_MAC', mac, place);
    this.#demand(entry, place);
    return place;
  }

  /** The worst first. */
  findings(): FleetFinding[] {
    const all = KINDS.flatMap(({ code, severity, says }) =>
      [...this.#seen[code]]
        .filter(([, who]) => who.length > 1)
        .map(([what, who]) => ({ code, severity, text: says(what, who.length), who })),
    );
    const tooSmall = [...this.#pools].flatMap(([pool, { availableBytes, dataBytes, who }]) => {
      if (dataBytes <= availableBytes || who.length < 2) return [];
      const text = `pool ${pool} has ${formatBytes(availableBytes)}, and together they have ${formatBytes(dataBytes)}`;
      return { code: 'POOL_TOO_SMALL', severity: 'critical', text, who } as const;
    });
    return [...tooSmall, ...all].sort((a, b) => bySeverity(a.severity, b.severity));
  }

  /** Of each member, with what is known of the fleet. */
  verdicts(): Verdict[] {
    const concerned = new Set(
      this.findings().flatMap(({ severity, who }) => (isAtLeast(severity, 'major') ? who : [])),
    );
    return this.members.map(({ failed, blocked, worst }, place) =>
      verdictOf({ failed, blocked, worst: concerned.has(place) ? 'critical' : worst }),
    );
  }

  #demand({ target, dataBytes }: Entry, place: number): void {
    if (target === null || target.pool === null || target.availableBytes === null || dataBytes === null)
      return;
    const pool = `${target.name}:${target.pool}`;
    const availableBytes = BigInt(target.availableBytes);
    const demand = this.#pools.get(pool) ?? { availableBytes, dataBytes: 0n, who: [] };
    this.#pools.set(pool, demand);
    demand.dataBytes += dataBytes;
    demand.who.push(place);
  }

  #see(code: DuplicateCode, what: string, place: number): void {
    const who = this.#seen[code].get(what);
    if (!who) this.#seen[code].set(what, [place]);
    // One container may well have it twice.
    else if (who.at(-1) !== place) who.push(place);
  }
}

interface PoolDemand {
  readonly availableBytes: bigint;
  dataBytes: bigint;
  readonly who: number[];
}

/** The network of it may be written in many ways; osctld has checked none of them yet. */
function withoutPrefix(entry: string): string {
  const [address = ''] = entry.split('/');
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : address;
}

function times(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}

/**
 * Two containers with one id cannot be on one node, and with one address neither can be reached for sure. One MAC
 * address does harm on one bridge only, which is for a person to know. One hostname is mere confusion.
 */
const KINDS: readonly {
  readonly code: DuplicateCode;
  readonly severity: Severity;
  readonly says: (what: string, count: number) => string;
}[] = [
  {
    code: 'DUPLICATE_ID',
    severity: 'critical',
    says: (what, count) => `id ${what} on the target ${times(count)}`,
  },
  {
    code: 'DUPLICATE_ADDRESS',
    severity: 'critical',
    says: (what, count) => `address ${what} ${times(count)}`,
  },
  { code: 'DUPLICATE_MAC', severity: 'major', says: (what, count) => `MAC address ${what} ${times(count)}` },
  {
    code: 'DUPLICATE_HOSTNAME',
    severity: 'minor',
    says: (what, count) => `hostname ${what} ${times(count)}`,
  },
];
