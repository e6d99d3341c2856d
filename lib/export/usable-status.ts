import type { StatusFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { readStatus } from '../source/status.ts';

/**
 * The state of a container that can be exported: it runs or is down. Throws VzError: 66 no such container, 78 suspended
 * or in a strange state, and as `readStatus`.
 */
export async function readUsableStatus(host: Host, ctid: string, signal: AbortSignal): Promise<StatusFacts> {
  const status = await readStatus(host, ctid, signal);
  if (!status.exists && !status.running) {
    throw new VzError('NO_PRIVATE_AREA', {
      exit: EXIT.noInput,
      where: `ct ${ctid}`,
      what: 'no such container here, or its private area is missing',
      hint: `look with: vzctl status ${ctid}`,
    });
  }
  if (status.suspended) {
    throw new VzError('SUSPENDED', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: 'suspended: its memory is in a dump and its files are not cleanly closed',
      hint: `vzctl resume ${ctid} && vzctl stop ${ctid}`,
    });
  }
  if (!status.exists || (status.running && !status.mounted)) {
    throw new VzError('STRANGE_STATE', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: 'runs, but not from the paths of its config',
      hint: `look with: vzctl status ${ctid}`,
    });
  }
  return status;
}
