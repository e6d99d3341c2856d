import { Readable } from 'node:stream';
import { osctlBundle } from '../archive/main.ts';
import { openPending } from '../archive/pending-file.ts';
import { passOn, usage } from '../cli/flags.ts';
import { joinStages, type Stage } from '../cli/join.ts';
import { osctlBundle as bundleSpec } from '../cli/specs/osctl-bundle.ts';
import { vzRootfsTar as tarSpec } from '../cli/specs/vz-rootfs-tar.ts';
import { vzZfsStream as zfsSpec } from '../cli/specs/vz-zfs-stream.ts';
import { reportText } from '../convert/report.ts';
import { EXIT } from '../errors.ts';
import { vzRootfsTar } from '../rootfs/main.ts';
import { vzZfsStream } from '../zfs/main.ts';
import { look, saysZfs } from './look.ts';
import type { Command } from './main.ts';

/** `vz6 export CT FILE`: vz-parse-config | vz-to-osctl | vz-rootfs-tar or vz-zfs-stream | osctl-bundle. Throws as they do. */
export const exportContainer: Command = async (flags, io, [ct = '', file = '']) => {
  const container = await look(ct, flags, io);
  const isSent = saysZfs(flags) && container.source.layout === 'zfs';
  const [spec, other] = isSent ? [zfsSpec, tarSpec] : [tarSpec, zfsSpec];
  const alien = other.flags.find(
    ({ name }) => flags.given.includes(name) && !spec.flags.some((flag) => flag.name === name),
  );
  if (alien) throw usage(`--${alien.name}: not when ${isSent ? 'a dataset is sent' : 'files are exported'}`);
  const words = flags.given.includes('compression') ? [] : ['--compression=gzip'];
  const packFlags = passOn(flags, spec, { words });
  const pack: Stage = (stage) => (isSent ? vzZfsStream : vzRootfsTar)(packFlags, stage);
  const input = Readable.from([Buffer.from(`${JSON.stringify(container)}\n`)]);
  if (flags.on('dry-run')) return pack({ ...io, stdin: input, stdinIsTty: false });
  const bundleFlags = passOn(flags, bundleSpec, {
    words: ['--progress=none', ...(file === '-' ? [] : [`--output=${file}`])],
    except: ['progress'],
  });
  // The container is not stopped for a file that cannot be made.
  if (file !== '-') await (await openPending(file)).discard();
  io.log.block('Exporting rootfs\n');
  await joinStages({ ...io, stdoutIsPipe: file === '-' && io.stdoutIsPipe }, input, [
    pack,
    (stage) => osctlBundle(bundleFlags, stage),
  ]);
  io.log.block('Export done\n\n');
  if (flags.text('report') !== 'none') io.log.block(reportText(container, { heading: false }));
  return EXIT.ok;
};
