import type { StatusFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';

/**
 * Asks `vzctl status`, which takes no lock and changes nothing. A container that does not exist is no error: look at
 * `exists`. Throws VzError: 66 for an id that vzctl refuses, 69 when vzctl is missing, fails or runs on another kernel,
 * 77 when it may not look (it needs root).
 */
export async function readStatus(host: Host, ctid: string, signal?: AbortSignal): Promise<StatusFacts> {
  const result = await run(host, ['vzctl', 'status', ctid], signal ? { signal } : {});
  return parseStatus({ ctid, label: host.label, exit: result, output: result.stdout.toString() });
}

export interface StatusOutput {
  readonly ctid: string;
  readonly label: string;
  readonly exit: Exit;
  /** What it printed on stdout. */
  readonly output: string;
}

/**
 * `CTID 101 exist mounted running`, `… exist unmounted down suspended`; before 2008 the first word was VEID. The exit
 * code is 0 whatever the state. Throws as `readStatus`.
 */
export function parseStatus({ ctid, label, exit, output }: StatusOutput): StatusFacts {
  if (exit.code !== 0) throw statusError(ctid, label, exit);
  const line = STATUS.exec(output)?.groups;
  if (!line || line['ctid'] !== ctid) {
    throw new VzError('BAD_STATUS', {
      exit: EXIT.unavailable,
      where: label,
      what: `vzctl status ${ctid} printed ${JSON.stringify(output.trim().slice(0, 80))}`,
      hint: 'is this the vzctl of OpenVZ Legacy?',
    });
  }
  return {
    exists: line['exists'] === 'exist',
    mounted: line['mounted'] === 'mounted',
    running: line['running'] === 'running',
    suspended: line['suspended'] !== undefined,
  };
}

function statusError(ctid: string, label: string, exit: Exit): VzError {
  if (exit.code === BAD_ID) {
    return new VzError('NO_CONTAINER', {
      exit: EXIT.noInput,
      where: label,
      what: `vzctl knows no container ${ctid}`,
    });
  }
  if (/permission denied|must be root/i.test(exit.stderr)) {
    return new VzError('NOT_ALLOWED', {
      exit: EXIT.noPermission,
      where: label,
      what: `vzctl ${describeExit(exit)}`,
      hint: 'run as root',
    });
  }
  const isMissing = exit.code === NOT_FOUND;
  return new VzError(isMissing ? 'PROGRAM_MISSING' : 'NO_OPENVZ', {
    exit: EXIT.unavailable,
    where: label,
    what: isMissing ? 'no program vzctl' : `vzctl status ${ctid} ${describeExit(exit)}`,
    hint: isMissing
      ? 'is this an OpenVZ node?'
      : exit.code === OTHER_KERNEL
        ? 'not an OpenVZ kernel'
        : undefined,
  });
}

const STATUS =
  /^(?:CTID|VEID) (?<ctid>\d+) (?<exists>exist|deleted) (?<mounted>mounted|unmounted) (?<running>running|down)(?: (?<suspended>suspended))?[ \t]*$/m;

/** vzctl(8): not an OpenVZ kernel; bad value or id. */
const OTHER_KERNEL = 5;
const BAD_ID = 21;
/** POSIX sh: command not found. */
const NOT_FOUND = 127;
