import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

export interface TcpProxy {
  readonly port: number;
  /** From now on nothing is passed on any more, in either direction, and nobody is told. */
  readonly silence: () => void;
  /** Ends all connections. */
  readonly cut: () => void;
}

/** Passes connections on to a port of loopback, for the length of a test. */
export async function startTcpProxy(t: TestContext, targetPort: number): Promise<TcpProxy> {
  const ends: (() => void)[] = [];
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (isSilent || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
      from.on('error', () => {});
      from.on('close', () => {
        if (!isSilent) to.destroy();
      });
    }
    ends.push(() => {
      near.destroy();
      far.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const end of ends.splice(0)) end();
  };
  t.after(() => {
    cut();
    server.close();
  });
  const silence = (): void => {
    isSilent = true;
  };
  return { port: (server.address() as AddressInfo).port, silence, cut };
}
