import type { StaticAddress } from './interfaces.ts';

/** What vz-to-osctl is told by its flags; everything else is in the document. */
export interface ConvertOptions {
  /** Id on the target; null: the ctid. */
  readonly id: string | null;
  readonly hostname: string | null;
  readonly distribution: string | null;
  readonly distributionVersion: string | null;
  readonly arch: Arch | null;
  /** `uidMap` entries are `ns:host:count` and count for gids as well. */
  readonly user: { readonly name: string; readonly uidMap: readonly string[] } | null;
  readonly group: string | null;
  /** A test copy beside the original: no autostart, and no interface but those of `ips`. */
  readonly clone: boolean;
  readonly netif: NetifOptions;
  /** Bridges of the source and what they become. */
  readonly bridgeMap: ReadonlyMap<string, string>;
  /** Static addresses by interface, in place of what the config gives it. */
  readonly ips: ReadonlyMap<string, readonly StaticAddress[]>;
  readonly zfs: ZfsOptions;
  /** Flags that were given and count for bridged interfaces only. */
  readonly bridgeFlags: readonly string[];
  /** Sentences about flags that were accepted and change nothing. */
  readonly withoutEffect: readonly string[];
}

export type Arch = 'x86_64' | 'x86';

/** What the operator says of the container's storage. */
export interface ZfsOptions {
  /** true: on ZFS; false: exported as files, whatever it lies on; null: as it was found. */
  readonly isZfs: boolean | null;
  /** May hold `%{veid}`, the id of the container. */
  readonly dataset: string | null;
  /** Directory in the dataset, `.` for its root; null: as it was found, else `private`. */
  readonly subdir: string | null;
  readonly compressedSend: boolean;
}

/** Stands for the container's id, as in a value of its config. */
export const CTID_HERE = '%{veid}';

/** How the venet addresses come back on the target. */
export interface NetifOptions {
  readonly type: 'bridge' | 'routed';
  readonly name: string;
  readonly hwaddr: string | null;
  readonly link: string;
  /** Prefix lengths for a bridge; null: host routes, /32 and /128. */
  readonly prefixes: { readonly v4: number | null; readonly v6: number | null };
  /** `auto`, `none` or an address. */
  readonly gateways: { readonly v4: string; readonly v6: string };
}

/** Names and link are those of the upstream converter, so that old scripts get what they got. */
export const DEFAULT_OPTIONS: ConvertOptions = {
  id: null,
  hostname: null,
  distribution: null,
  distributionVersion: null,
  arch: null,
  user: null,
  group: null,
  clone: false,
  bridgeMap: new Map(),
  ips: new Map(),
  bridgeFlags: [],
  netif: {
    type: 'bridge',
    name: 'eth0',
    hwaddr: null,
    link: 'lxcbr0',
    prefixes: { v4: null, v6: null },
    gateways: { v4: 'auto', v6: 'auto' },
  },
  withoutEffect: [],
  zfs: { isZfs: null, dataset: null, subdir: null, compressedSend: false },
};
