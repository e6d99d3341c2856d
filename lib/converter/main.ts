import { type Flags, usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { nearest } from '../cli/nearest.ts';
import { COMMON_FLAGS } from '../cli/spec.ts';
import { vpsadminosConvert as spec } from '../cli/specs/vpsadminos-convert.ts';
import type { ExitCode } from '../errors.ts';
import { exportContainer } from './export.ts';
import { begin, step } from './migrate.ts';

/** What a command gets: flags that are all for it, and as many operands as it takes. */
export type Command = (flags: Flags, io: Io, operands: readonly string[]) => Promise<ExitCode>;

/** The program vpsadminos-convert. Throws VzError: 64 for a command line without sense, and what the other programs throw. */
export async function convert(flags: Flags, io: Io): Promise<ExitCode> {
  const words = flags.operands;
  const names = Object.keys(COMMANDS);
  const name = names.find((one) => `${words.join(' ')} `.startsWith(`${one} `)) ?? '';
  const command = COMMANDS[name];
  if (!command) {
    const guess = nearest(words.slice(0, words[1] === 'migrate' ? 3 : 2).join(' '), names);
    throw usage(`expected ${names.join(', ')}`, guess && `did you mean ${guess}?`);
  }
  const { takes, own = [], run } = command;
  const wanted = spec.operands.are?.[name] ?? [];
  const programs = (spec.alsoOf ?? []).filter(({ program }) => takes.includes(program.name));
  const known = [...COMMON_FLAGS, ...programs.flatMap(({ program }) => program.flags)].map(
    (flag) => flag.name,
  );
  const other = flags.given.find((flag) => ![...known, ...own].includes(flag));
  if (other !== undefined) throw usage(`--${other}: not with ${name}`);
  const operands = words.slice(name.split(' ').length);
  if (operands.length !== wanted.length) throw usage(`expected ${[name, ...wanted].join(' ')}`);
  return run(flags, io, operands);
}

interface Entry {
  /** Programs whose flags count, and other flags. */
  readonly takes: readonly string[];
  readonly own?: readonly string[];
  readonly run: Command;
}

const LOOKS = ['vz-parse-config', 'vz-to-osctl'];
const DATA = ['vz-rootfs-tar', 'vz-zfs-stream', 'osctl-bundle'];
const STEP = { takes: ['vz-migrate-step'] };

const COMMANDS: Readonly<Record<string, Entry>> = {
  'vz6 export': { takes: [...LOOKS, ...DATA], run: exportContainer },
  'vz6 migrate stage': { takes: [...LOOKS, ...STEP.takes], own: ['port'], run: begin('stage') },
  'vz6 migrate sync': { ...STEP, run: step('sync') },
  'vz6 migrate transfer': { ...STEP, run: step('transfer') },
  'vz6 migrate cleanup': { ...STEP, run: step('cleanup') },
  'vz6 migrate cancel': { ...STEP, run: step('cancel') },
  'vz6 migrate now': { takes: [...LOOKS, ...STEP.takes], own: ['port', 'proceed'], run: begin('now') },
  man: {
    takes: [],
    run: async (_flags, io) =>
      (await import('../cli/manual.ts')).showManual(spec.name, io.stdoutIsTty, io.env),
  },
};
