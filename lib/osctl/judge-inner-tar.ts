import type { Findings } from './findings.ts';
import type { InnerTarResult } from './inner-tar.ts';
import { ROOTFS_TAR } from './member-rules.ts';
import type { Occurrences } from './tar-listing.ts';

/** What is wrong with the tar of a root filesystem. */
export function judgeInnerTar(inner: InnerTarResult, findings: Findings): void {
  const say = (code: string, { count, examples }: Occurrences, text: string): void => {
    if (count > 0) findings.error(code, `${ROOTFS_TAR}: ${count} ${text}: ${examples.join(', ')}`);
  };
  if (inner.failure !== null) findings.error('ROOTFS_BROKEN', `${ROOTFS_TAR}: ${inner.failure}`);
  else if (!inner.ended) findings.error('ROOTFS_CUT_OFF', `${ROOTFS_TAR}: the tar inside has no end`);
  else if (inner.files === 0) findings.error('ROOTFS_EMPTY', `${ROOTFS_TAR}: the tar inside is empty`);
  if (inner.failure === null && !inner.oneGzipMember) {
    findings.error(
      'GZIP_MEMBERS',
      `${ROOTFS_TAR}: not one gzip member alone: a cut between two would go unnoticed`,
    );
  }
  say('BEHIND_END', inner.behindEnd, 'entries behind the end of the tar inside, which would not be unpacked');
  say('FOREIGN_IDS', inner.foreignIds, 'entries with an owner above 65535, which no container can hold');
  say(
    'OWNER_NAMES',
    inner.ownerNames,
    'entries with owner names, which the node would look up in its own passwd',
  );
  say('BAD_PATHS', inner.badNames, 'entries that are not below the root');
  say('ODD_ENTRIES', inner.oddLines, 'entries that tar lists in an unknown way');
}
