import type { Log } from '../cli/log.ts';
import type { HostReference } from '../documents/source.ts';
import type { Host } from '../host/host.ts';
import { openHost } from '../host/open.ts';
import { loggedHost } from '../source/logged-host.ts';

/** The node of a document's container, with each command that is run there told with -v. null: it is this machine. */
export function openSource(reference: HostReference | null, log: Log): Host {
  const host = openHost(reference, (line) => log.warning(line));
  return loggedHost(host, (line) => log.detail(line));
}
