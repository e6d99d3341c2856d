import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Selection } from '../guest/select.ts';
import { readGuestFixFlag } from '../guest/select.ts';

/** What the user asked for; undefined: as the archive says. */
export interface ImportOptions {
  readonly asId: string | undefined;
  readonly asUser: string | undefined;
  readonly asGroup: string | undefined;
  readonly dataset: string | undefined;
  readonly missingDevices: string | undefined;
  readonly spoolDir: string | undefined;
  /** Keep the archive's autostart: the container starts by itself at the node's next boot. */
  readonly autostart: boolean;
  /** Do the document's follow-ups after the import. */
  readonly apply: boolean;
  /** Which fixes are made in the guest; null: none. */
  readonly guestFix: Selection | null;
  /** Without a spool file: the node unpacks it as it flows. */
  readonly direct: boolean;
}

/** Reads and checks the flags that go to the node, where osctld puts some of them into a shell unquoted. Throws VzError (64). */
export function readImportOptions(flags: Flags): ImportOptions {
  const direct = flags.on('direct');
  if (direct) refuseBesideDirect(flags);
  const text = (name: string, pattern: RegExp, expected = 'a name that osctl takes'): string | undefined => {
    const value = flags.text(name);
    if (value === undefined || pattern.test(value)) return value;
    throw usage(`--${name}: expected ${expected}, got ${JSON.stringify(value)}`);
  };
  return {
    asId: text('as-id', /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/),
    asUser: text('as-user', /^[A-Za-z0-9_][A-Za-z0-9_-]*$/),
    asGroup: text('as-group', /^\/[A-Za-z0-9_./-]*$/),
    dataset: text('dataset', /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/),
    missingDevices: flags.text('missing-devices'),
    spoolDir: text('spool-dir', /^\/[A-Za-z0-9_./-]*$/, 'an absolute path of letters, digits and ._/-'),
    autostart: flags.on('autostart'),
    apply: flags.on('apply'),
    guestFix: readGuestFixFlag(flags.text('guest-fix') ?? 'none'),
    direct,
  };
}

/** No command for a shell can verify, and devices of its own are what no container of ours has. */
function refuseBesideDirect(flags: Flags): void {
  if (flags.text('spool-dir') !== undefined) throw usage('--spool-dir: with --direct nothing is spooled');
  if (flags.on('print-command'))
    throw usage('--direct cannot be part of --print-command', 'print the command that spools');
  if (flags.text('missing-devices') !== undefined)
    throw usage('--missing-devices: with --direct a container is made with the devices of its group alone');
}

/** The options of `osctl ct import`; they come before the file's name. */
export function importFlags(options: ImportOptions): string[] {
  const pairs = [
    ['--as-id', options.asId],
    ['--as-user', options.asUser],
    ['--as-group', options.asGroup],
    ['--dataset', options.dataset],
    ['--missing-devices', options.missingDevices],
  ] as const;
  return pairs.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}
