import type { Host } from '../host/host.ts';

/**
 * The same host, for processes that take their time: while containers run, the last to get CPU and disk, where the node has
 * renice and ionice. Not for what a stopped container waits for.
 */
export function gentleHost(host: Host): Host {
  return { ...host, spawn: (argv, options) => host.spawn(['sh', '-c', GENTLE, 'sh', ...argv], options) };
}

/** A user's own scheduling class may not be changed everywhere: it is no reason not to begin. */
const GENTLE = 'renice -n 19 -p $$ >/dev/null 2>&1; ionice -c 3 -p $$ >/dev/null 2>&1; exec "$@"';
