import type { VpsadminosNode } from '../../documents/vpsadminos-node.ts';

export type NodePool = VpsadminosNode['pools'][number];

/** A node's document, made ready to be asked for many containers. */
export class NodeIndex {
  readonly document: VpsadminosNode;
  /** The pool that containers come to; null: one of several. */
  readonly pool: NodePool | null;
  readonly #users: ReadonlySet<string> | null;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #datasets: ReadonlySet<string>;

  constructor(document: VpsadminosNode) {
    const { pools, pool, users, addresses } = document;
    this.document = document;
    const [first] = pools;
    this.pool = pools.find(({ name }) => name === pool) ?? (pools.length === 1 && first ? first : null);
    this.#users = users && new Set(users.filter((user) => this.isHere(user.pool)).map(({ name }) => name));
    // Of several places the first one is told.
    this.#addresses = new Map(addresses.known.toReversed().map(({ address, where }) => [address, where]));
    this.#datasets = new Set(pools.flatMap(({ containerDatasets }) => containerDatasets ?? []));
  }

  get name(): string {
    return this.document.node;
  }

  /** Whether what belongs to a pool belongs to the one that containers come to, or may. */
  isHere(pool: string | null): boolean {
    return pool === null || this.pool === null || pool === this.pool.name;
  }

  hasUser(name: string): boolean {
    return this.#users?.has(name) ?? false;
  }

  hasDataset(name: string): boolean {
    return this.#datasets.has(name);
  }

  /** Where an address, in short form, was seen. */
  placeOfAddress(address: string): string | undefined {
    return this.#addresses.get(address);
  }
}
