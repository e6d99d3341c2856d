import type { Compressor } from '../export/compressor.ts';

export interface PlannedDataset {
  readonly dataset: string;
  /** `rootfs/`, `rootfs/SUB/`. */
  readonly prefix: string;
  readonly gzip: boolean;
}

export interface TransferPlan {
  readonly ctid: string;
  readonly dataset: string;
  /** Parents first. */
  readonly datasets: readonly PlannedDataset[];
  /** For datasets that are made only after the plan. */
  readonly gzipOfOthers: boolean;
  /** Stopped for a second snapshot. */
  readonly stops: boolean;
  readonly flags: readonly string[];
  readonly compressor: Compressor;
  /** Names of the snapshots. */
  readonly base: string;
  readonly last: string;
  /** `zfs send -n -P` tells how much will be sent. */
  readonly estimates: boolean;
  /** For vzctl's lock. */
  readonly waitMs: number;
}
