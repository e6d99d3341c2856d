import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What lies between an ssh client and the sshd of a node. */
export interface Link {
  readonly port: number;
  /** All connections end at once; new ones work. */
  readonly cut: () => void;
  /** Nothing passes any more, on old connections and on new ones, and nobody is told. */
  readonly silence: () => void;
}

/**
 * Listens on loopback, and gives each connection an sshd of its own (`sshd -i`), with all bytes passing through here. It
 * works only while the test's own process is not blocked.
 */
export async function startLink(t: TestContext, sshd: readonly [string, ...string[]]): Promise<Link> {
  const connections = new Map<Socket, ChildProcess>();
  let silent = false;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const [file, ...args] = sshd;
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    connections.set(socket, child);
    const { stdin, stdout } = child;
    for (const stream of [socket, stdin, stdout]) stream.on('error', () => cut(socket));
    socket.on('close', () => cut(socket));
    socket.pipe(stdin);
    stdout.pipe(socket);
    if (silent) mute(socket);
  });
  const cut = (socket: Socket): void => {
    const child = connections.get(socket);
    connections.delete(socket);
    socket.destroy();
    child?.stdin?.destroy();
    child?.stdout?.destroy();
  };
  const mute = (socket: Socket): void => {
    const child = connections.get(socket);
    socket.unpipe().pause();
    child?.stdout?.unpipe().pause();
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const cutAll = (): void => [...connections.keys()].forEach(cut);
  t.after(() => {
    server.close();
    cutAll();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut: cutAll,
    silence: () => {
      silent = true;
      [...connections.keys()].forEach(mute);
    },
  };
}
