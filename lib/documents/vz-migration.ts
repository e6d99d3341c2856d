import * as z from 'zod';
import { osctlContainer, targetId } from './osctl-container.ts';
import { ctid, decimal, hostReference } from './source.ts';

/**
 * How far a migration is:
 *
 * - `staging`: the target is being made; it may be there or not. `staged`: it is there, without data.
 * - `synced`: at least one pass of data is there.
 * - `stopping`: a transfer has begun, and the source may be down; the guard starts it again. Nothing was done to the target.
 * - `switching`: the point of no return: the guard was told, or is about to be, that the source stays down, and the target is
 *   being made to run. `transfer` says how far that is.
 * - `transferred`: the target runs, and this was seen.
 * - `returning`: the target is kept from starting, then the source is started. `returned`: it runs again.
 * - `cancelling`, `cleaning`: what was made is being removed; at their end there is no document any more.
 */
export const migrationStep = z.enum([
  'staging',
  'staged',
  'synced',
  'stopping',
  'switching',
  'transferred',
  'returning',
  'returned',
  'cancelling',
  'cleaning',
]);
export type MigrationStep = z.infer<typeof migrationStep>;

const time = z.iso.datetime();
const milliseconds = z.int().nonnegative();
const snapshotName = z.string().regex(/^[A-Za-z0-9_.:-]{1,200}$/, 'expected the name of a snapshot');

/** One pass of data. Its time is walk (looking for what has changed) and data. */
const pass = z.strictObject({
  at: time,
  how: z.enum(['base', 'increment', 'tar', 'rsync']),
  ms: milliseconds,
  /** Of `ms`, what would have passed with nothing to send. */
  walkMs: milliseconds,
  bytes: decimal,
});
export type Pass = z.infer<typeof pass>;

const transferTimes = z.strictObject({
  predictedMs: milliseconds.nullable(),
  stoppedAt: time.nullable(),
  /** It was begun to make of the target a container that can be started; null: it is as the passes have left it. */
  committingAt: time.nullable(),
  /** It was begun to start the target, or a person was told how; null: it has never run. */
  startingAt: time.nullable(),
  /** The target ran (or, when all went back, the source). */
  runningAt: time.nullable(),
});

/** Written by vz-migrate-step into its state directory, and to stdout. What a later step needs is all in it; never a secret of a person's. */
export const vzMigration = z.strictObject({
  kind: z.literal('vz-migration'),
  schema: z.literal(1),
  ctid,
  /** Of this migration alone. The target carries it as the attribute `vz2osctl:migration`. */
  id: z.uuid(),
  /** Rises with every write: of two documents the higher one is the truth. */
  revision: z.int().nonnegative(),
  step: migrationStep,
  /** The outside effect that is being done, or was when the program died; null: none. */
  doing: z.strictObject({ effect: z.string().max(200), since: time }).nullable(),
  container: osctlContainer,
  destination: z.strictObject({
    /** Whose user is that of the root session. */
    host: hostReference,
    pool: z.string().nullable(),
    via: z.enum(['receive', 'root']),
    /** A root session can be had there: it starts the container, sets quota and devices. */
    rootSession: z.boolean(),
    /** Who starts the target: a step of ours, or a person who was told the command. */
    start: z.enum(['auto', 'manual']),
  }),
  /** null: not known yet. */
  target: z
    .strictObject({
      id: targetId,
      pool: z.string(),
      dataset: z.string(),
      /** Only what came over the receive protocol has one: 40 hex digits. It opens nothing without the key. */
      token: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .nullable(),
      /** Of the receive protocol; 1 has no number in its commands. */
      protocol: z.union([z.literal(1), z.literal(2)]).nullable(),
      /** Of the dataset when it is mounted; null: nobody without a root session knows. */
      mountpoint: z.string().nullable(),
      /** `uidmap` and `gidmap` of its datasets, while they are taken off for rsync; null: they are as osctld set them. */
      maps: z.strictObject({ uid: z.string(), gid: z.string() }).nullable(),
    })
    .nullable(),
  source: z.strictObject({
    /** Its state before the transfer; null: no transfer has begun. */
    wasRunning: z.boolean().nullable(),
    /** ONBOOT and DISABLED as they were before they were changed: what a rollback restores. null: not changed. */
    onboot: z.enum(['yes', 'no']).nullable(),
    disabled: z.enum(['yes', 'no']).nullable(),
    /** Our snapshots that are there, oldest first, held. */
    snapshots: z.array(snapshotName),
  }),
  sync: z.strictObject({
    passes: z.array(pass),
    /** Of ZFS: how far each dataset is on the target, parents first. */
    datasets: z.array(
      z.strictObject({
        /** Relative to the root dataset; empty for itself. */
        name: z.string(),
        /** The newest snapshot that the target is known to have, and its GUID. */
        confirmed: z.strictObject({ name: snapshotName, guid: z.string().nullable() }).nullable(),
        /** Was sent, and the answer was lost. */
        doubtful: snapshotName.nullable(),
      }),
    ),
  }),
  transfer: transferTimes.nullable(),
  /** Of this transfer: `running` while a script runs in the guest in the place of init, or ran when the program died. */
  guestFix: z.enum(['running', 'done']).optional(),
});
export type VzMigration = z.infer<typeof vzMigration>;
