import type { ClientChannel } from 'ssh2';
import type { SshTarget } from '../../documents/source.ts';
import { EXIT, VzError } from '../../errors.ts';
import { countBytes } from './bulk.ts';
import type { Connection } from './connect.ts';
import { connect } from './connect.ts';
import { readSshConfig } from './read-config.ts';
import { makeSettings } from './settings.ts';

/** A channel that runs a command. */
export interface OpenChannel {
  readonly channel: ClientChannel;
  /** Why the connection ended, for a channel that ended without a status. */
  readonly lost: Promise<string | null>;
  /** To be told the size of each chunk that passes. */
  readonly onBytes: (bytes: number) => void;
  /** To be called when it has ended, or is no longer waited for. */
  readonly release: () => void;
}

/**
 * The one connection of this process to a host. It is made when the first command is run, and again when it was lost; it
 * keeps the process alive only while a command runs.
 */
export class Link {
  readonly #label: string;
  readonly #onBytes: (bytes: number) => void;
  readonly #connect: () => Promise<Connection>;
  #connection: Promise<Connection> | null = null;
  /** Wakes those that wait for a channel to end. */
  #waiting: (() => void)[] = [];

  constructor(target: SshTarget, label: string, warn: (line: string) => void) {
    this.#label = label;
    this.#onBytes = (bytes) => countBytes(bytes, (line) => warn(`${label}: ${line}`));
    this.#connect = async () => connect(makeSettings(target, await readSshConfig(target)), warn);
  }

  /** Runs a command. Throws VzError: see `connect`; 69 when the server has no room for another session, or refuses commands. */
  async run(command: string): Promise<OpenChannel> {
    const connection = await this.#open();
    const { socket, sessions } = connection;
    const session = Symbol('session');
    sessions.add(session);
    socket.ref();
    const release = (): void => {
      sessions.delete(session);
      if (sessions.size === 0) socket.unref();
      this.#waiting.shift()?.();
    };
    try {
      const channel = await this.#openChannel(connection, command);
      return { channel, lost: connection.lost, onBytes: this.#onBytes, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #open(): Promise<Connection> {
    const opened = this.#connection ?? this.#connect();
    this.#connection = opened;
    const forget = (): void => {
      if (this.#connection === opened) this.#connection = null;
    };
    opened.then(({ lost }) => lost.then(forget), forget);
    return opened;
  }

  /** sshd allows ten sessions a connection (sshd_config(5), MaxSessions): one more waits until another has ended. */
  async #openChannel(connection: Connection, command: string): Promise<ClientChannel> {
    const giveUpMs = performance.now() + SESSION_WAIT_MS;
    for (;;) {
      const channel = await exec(connection, command, this.#label);
      if (channel !== 'refused') return channel;
      const leftMs = giveUpMs - performance.now();
      if (connection.sessions.size <= 1 || leftMs <= 0) throw noRoom(this.#label);
      await this.#nextEnd(leftMs);
    }
  }

  #nextEnd(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== wake);
        resolve();
      };
      const timer = setTimeout(wake, limitMs);
      this.#waiting.push(wake);
    });
  }
}

/** `refused`: the server opens no further session. */
async function exec(
  { client, lost }: Connection,
  command: string,
  label: string,
): Promise<ClientChannel | 'refused'> {
  let failure: Error;
  try {
    return await new Promise<ClientChannel>((resolve, reject) => {
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  // RFC 4254, 5.1: the reason code of SSH_MSG_CHANNEL_OPEN_FAILURE.
  if ('reason' in failure && typeof failure.reason === 'number') return 'refused';
  if (/^Unable to exec/.test(failure.message)) {
    throw new VzError('NOT_ALLOWED', {
      exit: EXIT.noPermission,
      where: label,
      what: 'the server runs no commands',
    });
  }
  const reason = await Promise.race([lost, null]);
  throw new VzError('HOST_UNREACHABLE', {
    exit: EXIT.unavailable,
    where: label,
    what: `the connection was lost${reason === null ? '' : ` (${reason})`}`,
    cause: failure,
  });
}

function noRoom(label: string): VzError {
  return new VzError('NO_SESSION', {
    exit: EXIT.unavailable,
    where: label,
    what: 'the server opens no further session on this connection',
    hint: 'see MaxSessions in its sshd_config',
  });
}

/** Most commands are over in a moment; those that go on for hours are few. */
const SESSION_WAIT_MS = 20_000;
