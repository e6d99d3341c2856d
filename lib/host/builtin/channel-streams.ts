import { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * What comes out of a channel that is still being opened. It ends normally however the channel ends: whether the process
 * did well, its exit tells. A reader that stops before the end makes `onDropped` be called.
 */
export class ChannelOutput extends Readable {
  readonly #onDropped: () => void;
  #channel: ClientChannel | null = null;
  #isOver = false;
  /** Nothing more is taken until somebody reads. */
  #isHeld = false;
  /** Tells the far end that there is room again. */
  #makeRoom: () => void = () => {};

  constructor(opening: Promise<ClientChannel>, onDropped: () => void) {
    super();
    this.#onDropped = onDropped;
    opening.then(
      (channel) => this.#attach(channel),
      () => this.finish(),
    );
  }

  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#letGo();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isOver) this.#onDropped();
    // What still comes is thrown away, or the end would never come.
    this.#letGo();
    done(error);
  }

  #letGo(): void {
    this.#isHeld = false;
    this.#channel?.resume();
    this.#makeRoom();
  }

  #attach(channel: ClientChannel): void {
    this.#channel = channel;
    this.#joinWindows(channel);
    channel.on('data', (chunk: Buffer) => {
      if (this.destroyed || this.push(chunk)) return;
      this.#isHeld = true;
      channel.pause();
    });
    channel.on('end', () => this.finish());
    channel.on('close', () => this.finish());
  }

  /**
   * stdout and stderr share one window (RFC 4254, 5.2), and ssh2 opens it for both whenever stderr is read: a line there now
   * and then would let all of stdout in, though nobody reads it. So stderr counts as full as long as stdout is held.
   */
  #joinWindows({ stderr }: ClientChannel): void {
    const push = stderr.push.bind(stderr);
    const read = stderr._read.bind(stderr);
    stderr.push = (chunk: unknown) => push(chunk) && !this.#isHeld;
    stderr._read = (size) => {
      if (!this.#isHeld) read(size);
    };
    this.#makeRoom = () => read(0);
  }
}

/** What goes into a channel that is still being opened. A write fails with EPIPE once the channel is closed. */
export class ChannelInput extends Writable {
  readonly #opening: Promise<ClientChannel>;
  #isClosed = false;

  constructor(opening: Promise<ClientChannel>) {
    super();
    this.#opening = opening;
    const close = (): void => {
      this.#isClosed = true;
    };
    opening.then((channel) => channel.on('close', close), close);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#opening.then(
      (channel) => this.#pass(channel, chunk, done),
      () => done(brokenPipe()),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#opening.then(
      (channel) => {
        channel.end();
        done();
      },
      () => done(),
    );
  }

  /** ssh2 never calls back for a chunk that the closed channel had no room for, so the close is waited for as well. */
  #pass(channel: ClientChannel, chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#isClosed) {
      done(brokenPipe());
      return;
    }
    if (channel.write(chunk)) {
      done();
      return;
    }
    const onDrain = (): void => {
      channel.off('close', onClose);
      done();
    };
    const onClose = (): void => {
      channel.off('drain', onDrain);
      done(brokenPipe());
    };
    channel.once('drain', onDrain).once('close', onClose);
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('the channel is closed'), { code: 'EPIPE' });
}
