import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { SshTarget } from '../../lib/documents/source.ts';
import { openHost } from '../../lib/host/open.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';

for (const client of ['openssh', 'builtin'] as const) {
  test(`${client}: it is known that a command was not run where there was no login`, async (t) => {
    if (!needs(t, 'ssh')) return;
    const target = (name: string, port: number, options: string[] = []): SshTarget => ({
      ...{ client, user: 'root', name, port, identity: null, legacy: false },
      options,
    });
    const patience = ['ConnectTimeout=1'];
    const closing = await listen(t, (socket) => socket.destroy());
    const silent = await listen(t, () => {});
    for (const one of [
      target('127.0.0.1', 1),
      target('no-such-host.invalid', 22),
      target('127.0.0.1', closing),
      target('127.0.0.1', silent, patience),
    ])
      await assert.rejects(run(openHost(one, assert.fail), ['true']), { code: 'NOT_CONNECTED', exit: 69 });
  });
}

/** A port where nothing speaks SSH. */
async function listen(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}));
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
