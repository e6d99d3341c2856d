import type { CommandSpec } from '../spec.ts';
import { osctlBundle } from './osctl-bundle.ts';
import { osctlImport } from './osctl-import.ts';
import { osctlProbe } from './osctl-probe.ts';
import { vpsadminosConvert } from './vpsadminos-convert.ts';
import { vzGuestFix } from './vz-guest-fix.ts';
import { vzMigrateStep } from './vz-migrate-step.ts';
import { vzParseConfig } from './vz-parse-config.ts';
import { vzReport } from './vz-report.ts';
import { vzRootfsTar } from './vz-rootfs-tar.ts';
import { vzToOsctl } from './vz-to-osctl.ts';
import { vzZfsStream } from './vz-zfs-stream.ts';

/** The table of every program. */
export const SPECS: readonly CommandSpec[] = [
  osctlBundle,
  osctlImport,
  osctlProbe,
  vpsadminosConvert,
  vzGuestFix,
  vzMigrateStep,
  vzParseConfig,
  vzReport,
  vzRootfsTar,
  vzToOsctl,
  vzZfsStream,
];
