import { usedItems } from '../documents/effective.ts';
import type { DeepFacts, Facts } from '../documents/facts.ts';
import { warnOfActionScripts } from './action-scripts.ts';
import type { Context } from './context.ts';
import { listing } from './listing.ts';

/**
 * Warns of what does not come along though no line of the config says so: what the node, the state of the container and
 * its root filesystem show. Nothing where nothing was looked up.
 */
export function warnOfLosses(context: Context): void {
  const { facts } = context.config;
  if (facts === null) return;
  warnOfState(context, facts);
  warnOfSnapshots(context, facts);
  warnOfGuest(context, facts.guest);
  if (facts.deep !== null) warnOfFiles(context, facts.deep);
  warnOfActionScripts(context);
}

function warnOfState({ config, ledger }: Context, { status, submounts }: Facts): void {
  if (status?.suspended) {
    ledger.warn(
      'SUSPENDED',
      `suspended: its memory is in a dump and its files are not cleanly closed; vzctl resume ${config.ctid} && vzctl stop ${config.ctid}`,
    );
  }
  if (submounts.length > 0) {
    ledger.warn(
      'SUBMOUNTS',
      `mounted below the root, and what they hold is not moved: ${listing(submounts, { most: MOST_MOUNTS })}`,
    );
  }
}

function warnOfSnapshots({ ledger }: Context, { snapshots, layout }: Facts): void {
  if (snapshots === null || snapshots === 0) return;
  const what = layout === 'ploop' ? 'its image' : 'its dataset';
  const text = `${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'} of ${what}: only its present state comes along`;
  ledger.warn('SNAPSHOTS_LEFT', text);
}

function warnOfGuest({ config, options, ledger }: Context, guest: Facts['guest']): void {
  // QUOTAUGIDLIMIT says the same, or that the files are left from before.
  if (guest.userQuota.length > 0 && usedItems(config, 'QUOTAUGIDLIMIT').length === 0) {
    ledger.warn(
      'USER_QUOTA',
      `${listing(guest.userQuota)}: users in the container have quotas, which do not exist on vpsAdminOS`,
    );
  }
  if (guest.nfsExports) {
    ledger.warn(
      'NFS_SERVER',
      'etc/exports shares directories over NFS, but an unprivileged container cannot run an NFS server: share them from elsewhere',
    );
  }
  if (guest.venetRules.length > 0) {
    ledger.warn(
      'VENET_RULES',
      `there is no venet0 on vpsAdminOS, but an interface of another name: change ${listing(guest.venetRules, { most: MOST_RULES })}`,
    );
  }
  if (guest.nested.length > 0) {
    ledger.warn(
      'NESTED',
      `${listing(guest.nested)}: containers run in this one, or did; they may need osctl ct set nesting ${options.id ?? config.ctid}`,
    );
  }
}

function warnOfFiles({ ledger }: Context, { foreignIds, deviceNodes }: DeepFacts): void {
  if (foreignIds.count !== '0') {
    ledger.warn(
      'FOREIGN_IDS',
      `${foreignIds.count} files are owned by ids above 65535, which the target cannot hold: chown them first: ${listing(foreignIds.examples, { most: MOST_EXAMPLES })}`,
    );
  }
  if (deviceNodes.count !== '0') {
    ledger.warn(
      'DEVICE_NODES',
      `${deviceNodes.count} device nodes outside /dev, which the guest cannot use on vpsAdminOS: ${listing(deviceNodes.examples, { most: MOST_EXAMPLES })}`,
    );
  }
}

/** As many as vz-parse-config looks for. */
const MOST_MOUNTS = 100;
const MOST_RULES = 50;
const MOST_EXAMPLES = 5;
