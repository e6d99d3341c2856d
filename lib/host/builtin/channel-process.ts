import type { ClientChannel } from 'ssh2';
import type { VzError } from '../../errors.ts';
import type { Exit, HostProcess, SpawnOptions } from '../host.ts';
import { StderrRing } from '../ring.ts';
import { ChannelInput, ChannelOutput } from './channel-streams.ts';
import type { OpenChannel } from './link.ts';

export interface ChannelOptions extends SpawnOptions {
  /** Makes the error for a channel that ended without a status. */
  readonly lostError: (reason: string | null) => VzError;
}

/**
 * The process at the other end of a channel that is being opened. Ending it means to close our end: sshd passes no signal on
 * to a process of root, and so what runs there must end at the end of its input or at its next write.
 */
export function channelProcess(opening: Promise<OpenChannel>, options: ChannelOptions): HostProcess {
  const ring = new StderrRing(STDERR_BYTES, options.onStderrLine);
  let isOpen = false;
  const channel = opening.then((opened) => {
    isOpen = true;
    return opened.channel;
  });
  // Who uses it gets the error; until then it must not count as unhandled.
  channel.catch(() => {});
  /** How we ended it, as a local child would say. */
  let ended: EndedBy | null = null;
  const end = (by: EndedBy): void => {
    ended ??= by;
    channel.then(closeChannel, () => {});
  };
  const stdout = new ChannelOutput(channel, () => end('SIGPIPE'));
  const stdin = new ChannelInput(channel);
  // A process that does not read its input to the end is judged by its exit code.
  stdin.on('error', () => {});
  if (options.stdin !== 'pipe') stdin.end();
  const abandon = new AbortController();
  const judge = async ({ channel: opened, lost, onBytes, release }: OpenChannel): Promise<Exit> => {
    opened.stderr.on('data', (chunk: Buffer) => ring.push(chunk));
    opened.on('data', (chunk: Buffer) => onBytes(chunk.length));
    const { code, signal } = await closed(opened, abandon.signal);
    release();
    ring.end();
    stdin.destroy();
    if (code === null && signal === null) throw options.lostError(await Promise.race([lost, null]));
    return { code, signal, stderr: ring.text };
  };
  const ourEnd = (error: unknown): Exit => {
    if (ended === null) throw error;
    return { code: null, signal: ended, stderr: ring.text };
  };
  const abandoned = new Promise<Exit>((resolve) => {
    abandon.signal.addEventListener('abort', () => resolve({ code: null, signal: ended, stderr: ring.text }));
  });
  const over = new Promise((resolve) => stdout.once('close', resolve));
  const judged = Promise.race([opening.then(judge).catch(ourEnd), abandoned]);
  const done = Promise.all([judged, over]).then(([exit]) => exit);
  done.catch(() => {});
  const kill = async (): Promise<void> => {
    end('SIGTERM');
    stdin.destroy();
    stdout.destroy();
    // While it is still being opened there is nothing to wait for.
    const timer = setTimeout(() => abandon.abort(), isOpen ? ABANDON_AFTER_MS : 0);
    await done.catch(() => {});
    clearTimeout(timer);
  };
  const onAbort = (): void => void kill();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  void done.finally(() => options.signal?.removeEventListener('abort', onAbort)).catch(() => {});
  if (options.signal?.aborted) onAbort();
  return { stdin, stdout, done, kill };
}

type EndedBy = 'SIGPIPE' | 'SIGTERM';

/** RFC 4254, 6.10: a status or a signal may come before the close. Neither: the server is gone, or we closed first. */
function closed(channel: ClientChannel, abandon: AbortSignal): Promise<Pick<Exit, 'code' | 'signal'>> {
  return new Promise((resolve) => {
    const giveUp = (): void => resolve({ code: null, signal: null });
    if (abandon.aborted) giveUp();
    abandon.addEventListener('abort', giveUp);
    channel.once('close', (code: unknown, signal: unknown) => {
      resolve({
        code: typeof code === 'number' ? code : null,
        signal: typeof signal === 'string' ? signal : null,
      });
    });
  });
}

function closeChannel(channel: ClientChannel): void {
  channel.end();
  channel.close();
  channel.resume();
  channel.stderr.resume();
}

const STDERR_BYTES = 64 * 1024;
/** sshd answers a close only when the process has ended, and one that neither reads nor writes may take its time. */
const ABANDON_AFTER_MS = 5000;
