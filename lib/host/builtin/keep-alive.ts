import type { Socket } from 'node:net';
import type { Client } from 'ssh2';

export interface KeepAliveOptions {
  readonly aliveIntervalMs: number;
  readonly aliveCount: number;
}

/**
 * Asks the server for a sign of life after each interval without any, and calls `onDead` after `aliveCount` of them. Returns
 * what ends it. ssh2 has the same, but its timer would keep the process from ending.
 */
export function keepAlive(
  client: Client,
  socket: Socket,
  { aliveIntervalMs, aliveCount }: KeepAliveOptions,
  onDead: () => void,
): () => void {
  let seen = socket.bytesRead;
  let silent = 0;
  const timer = setInterval(() => {
    if (socket.bytesRead !== seen) {
      seen = socket.bytesRead;
      silent = 0;
    } else {
      silent += 1;
    }
    if (silent > aliveCount) return onDead();
    // RFC 4254, 4 and 7.1: a request that wants a reply, about a forwarding that nobody has. A refusal is an answer too.
    if (silent > 0 && socket.writable) client.unforwardIn('', 0, () => {});
  }, aliveIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
