import { Writable } from 'node:stream';
import { type Flags, passOn } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { vzMigrateStep } from '../cli/specs/vz-migrate-step.ts';
import { reportText } from '../convert/report.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, type ExitCode, VzError } from '../errors.ts';
import { migrateStep } from '../migrate/main.ts';
import { RECEIVE_USER } from '../migrate/new-migration.ts';
import { type Action, isFor } from '../migrate/step-flags.ts';
import { STEPS } from '../migrate/steps/index.ts';
import { isSentAsStreams } from '../migrate/ways.ts';
import { formatOperand } from '../source/reference.ts';
import { look, saysZfs } from './look.ts';
import type { Command } from './main.ts';

/** `vz6 migrate sync CT`, and those that are alike. `isPart`: of the flags, those for the step count. */
export function step(name: Action, isPart = false): Command {
  return async (flags, io, [ct = '']) => {
    // Whoever has named the id said which one shall be deleted.
    const id = /(?:^|[:/])(\d+)$/.exec(ct)?.[1];
    const confirm = flags.on('delete') && id && !flags.given.includes('confirm') ? [`--confirm=${id}`] : [];
    const words = [name, ct, ...(name === 'cleanup' ? confirm : [])];
    const isOff = (one: string): boolean => one === 'delete' && !flags.on('delete');
    const except = flags.given.filter((one) => isOff(one) || (isPart && !isFor(one, name)));
    return migrate(passOn(flags, vzMigrateStep, { words, except }), io);
  };
}

/** `vz6 migrate stage CT HOST`; and `now`, which ends with cleanup, or with cancel where a person says no. */
export function begin(name: 'stage' | 'now'): Command {
  return async (flags, io, [ct = '', host = '']) => {
    const files = saysZfs(flags) || flags.given.includes('zfs') ? [] : ['--no-zfs'];
    const container = await look(ct, flags, io, files);
    // As the converter of vpsAdminOS does: root for files; for streams the user that takes nothing else.
    const user = isSentAsStreams(container) && flags.text('via') !== 'root' ? RECEIVE_USER : 'root';
    const words = [name, `--to=${host.includes('@') ? host : `${user}@${host}`}`];
    const port = flags.integer('port', { min: 1, max: 65535 });
    if (port !== undefined) words.push(`--ssh-option=Port=${port}`);
    if (flags.on('proceed')) words.push('--yes');
    const except = [...ABOUT_SOURCE, 'delete', 'confirm'];
    const noun = formatOperand(container.source.host, container.ctid);
    try {
      await migrate(passOn(flags, vzMigrateStep, { words, except }), io, container);
    } catch (error) {
      if (!(error instanceof VzError) || error.code !== 'DECLINED') throw error;
      io.log.block('* Cancelling migration\n');
      return step('cancel', true)(flags, io, [noun]);
    }
    if (flags.on('dry-run')) return EXIT.ok;
    if (name === 'now') {
      io.log.block('* Cleaning up\n');
      return step('cleanup', true)(flags, io, [noun]);
    }
    io.log.block(`${reportText(container, { heading: false })}\nMigration stage successful\n`);
    io.log.block(`Continue with vz6 migrate sync ${ct}, or abort with vz6 migrate cancel ${ct}\n`);
    return EXIT.ok;
  };
}

/** Of the SSH flags, the others are about HOST as well. No new node needs old algorithms. */
const ABOUT_SOURCE = ['legacy', 'conf-dir'];

/** Runs a step. Its document has no place here; what a dry run would do has. */
function migrate(flags: Flags, io: Io, container?: OsctlContainer): Promise<ExitCode> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const stdout = flags.on('dry-run') ? io.stdout : nowhere;
  return migrateStep(flags, { ...io, stdout, stdoutIsTty: false }, STEPS, container);
}
