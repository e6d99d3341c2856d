import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'ssh2';
import { EXIT, systemCode, toError, VzError } from '../../errors.ts';
import { Authentication } from './authentication.ts';
import { HostKeys } from './host-key.ts';
import { findIdentities } from './identities.ts';
import { keepAlive } from './keep-alive.ts';
import { Offers } from './offers.ts';
import type { Settings } from './settings.ts';

/** A connection that is logged in. */
export interface Connection {
  readonly client: Client;
  /** With `unref` it no longer keeps the process from ending. */
  readonly socket: Socket;
  /** What runs on it. */
  readonly sessions: Set<symbol>;
  /** Settles when it is gone, with the reason where there is one. Never rejects. */
  readonly lost: Promise<string | null>;
}

/**
 * Connects and logs in. Throws VzError: 69 not reached (NOT_CONNECTED), or no algorithm in common; 77 for a host key that is unknown, changed
 * or revoked, or when no key of ours was accepted. `warn` gets the line for a host key that was added.
 */
export async function connect(settings: Settings, warn: (line: string) => void): Promise<Connection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connectOnce(settings, warn);
    } catch (error) {
      const again = error instanceof VzError && error.code === 'NOT_CONNECTED';
      if (!again || attempt >= settings.attempts) throw error;
      // ssh_config(5), ConnectionAttempts: one a second.
      await sleep(1000);
    }
  }
}

async function connectOnce(settings: Settings, warn: (line: string) => void): Promise<Connection> {
  const { label, target, algorithms, hostName, port, family, localAddress } = settings;
  const hostKeys = new HostKeys(settings);
  const authentication = new Authentication(settings, await findIdentities(settings));
  const offers = new Offers();
  const client = new Client();
  const socket = new Socket();
  return new Promise((resolve, reject) => {
    let deadline: NodeJS.Timeout | undefined;
    const fail = (error: VzError): void => {
      clearTimeout(deadline);
      client.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const limit = (timeMs: number, what: string): void => {
      clearTimeout(deadline);
      deadline = setTimeout(() => fail(notConnected(label, `${what} within ${timeMs / 1000} s`)), timeMs);
    };
    let refused: VzError | null = null;
    client.on('error', (error) => {
      // The next key is tried.
      if (levelOf(error) === 'agent') return;
      if (refused) return fail(refused);
      if (/no matching/i.test(error.message)) return fail(offers.failure(label, target.legacy));
      if (levelOf(error) === 'client-authentication' || /authentication failures/i.test(error.message))
        return fail(authentication.error);
      fail(notConnected(label, describe(error), error));
    });
    client.on('close', () => fail(notConnected(label, 'the server closed the connection before the login')));
    client.once('handshake', () => {
      limit(LOGIN_MS, 'no login');
      try {
        const added = hostKeys.keepAccepted();
        if (added !== null) warn(added);
      } catch (error) {
        fail(error instanceof VzError ? error : notConnected(label, toError(error).message));
      }
    });
    client.once('ready', () => {
      clearTimeout(deadline);
      client.removeAllListeners('error').removeAllListeners('close');
      resolve({ client, socket, sessions: new Set(), lost: watch(client, socket, settings) });
    });
    limit(settings.connectTimeoutMs, 'no answer');
    socket.setNoDelay(true);
    socket.connect({ host: hostName, port, family, ...(localAddress === undefined ? {} : { localAddress }) });
    client.connect({
      sock: socket,
      username: settings.user,
      // Ours are above: ssh2's would run while a person types a passphrase, and its keepalive keeps the process alive.
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: {
        kex: [...algorithms.kex],
        cipher: [...algorithms.cipher],
        hmac: [...algorithms.hmac],
        serverHostKey: hostKeys.algorithms,
        compress: settings.compression ? ['zlib@openssh.com', 'none'] : ['none'],
      },
      hostVerifier: (key: Buffer) => {
        try {
          hostKeys.check(key);
          return true;
        } catch (error) {
          refused = error instanceof VzError ? error : notConnected(label, toError(error).message);
          return false;
        }
      },
      authHandler: authentication.handler,
      debug: (line) => offers.readDebugLine(line),
    });
  });
}

function watch(client: Client, socket: Socket, settings: Settings): Promise<string | null> {
  return new Promise((resolve) => {
    let reason: string | null = null;
    client.on('error', (error) => {
      reason ??= describe(error);
    });
    const stop = keepAlive(client, socket, settings, () => {
      reason ??= `no sign of life for ${(settings.aliveIntervalMs * (settings.aliveCount + 1)) / 1000} s`;
      socket.destroy();
    });
    client.on('close', () => {
      stop();
      resolve(reason);
    });
  });
}

/** There was no login, so nothing was run. */
function notConnected(label: string, what: string, cause?: unknown): VzError {
  return new VzError('NOT_CONNECTED', { exit: EXIT.unavailable, where: label, what, cause });
}

function describe(error: Error): string {
  const code = systemCode(error);
  return (code !== undefined && SYSTEM_ERRORS[code]) || error.message;
}

function levelOf(error: Error): string | undefined {
  return 'level' in error && typeof error.level === 'string' ? error.level : undefined;
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'the connection timed out',
  EPIPE: 'the connection was closed',
};

/** sshd ends a login after its LoginGraceTime, 120 s by default; a person may have to find a passphrase meanwhile. */
const LOGIN_MS = 125_000;
