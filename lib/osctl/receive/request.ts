import type { PayloadSink } from '../../bundle/writer.ts';
import type { Host } from '../../host/host.ts';
import { collectText, ending, NodeEnded } from '../node-process.ts';
import { pour } from '../pour.ts';
import { type Answer, readAnswer } from './answer.ts';

/** Of the receive protocol: 1 has no number in its commands. */
export type Protocol = 1 | 2;

export interface Request {
  readonly host: Host;
  readonly protocol: Protocol;
  /** Verb and arguments. */
  readonly words: readonly string[];
}

/** Runs one command, which gets `input` and the end of it. Never throws what the link or the node did. */
export async function request(
  { host, protocol, words }: Request,
  input: Buffer = Buffer.alloc(0),
): Promise<Answer> {
  const child = host.spawn(commandWords(protocol, words), { stdin: 'pipe' });
  // One that does not read has its reasons, and its end says them.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [output, end] = await Promise.all([collectText(child), ending(child)]);
  return readAnswer(end, output, host.label);
}

/**
 * Runs a command whose input is written by `feed`. Of an input that `feed` gives up nothing more is sent, and its error is
 * thrown; the far end then has no whole stream.
 */
export async function requestWithStream(
  { host, protocol, words }: Request,
  feed: (sink: PayloadSink) => Promise<void>,
  signal: AbortSignal,
): Promise<Answer> {
  const child = host.spawn(commandWords(protocol, words), { stdin: 'pipe', signal });
  child.stdin.on('error', () => {});
  const output = collectText(child);
  const write = async (chunk: Buffer): Promise<void> => {
    if (!(await pour(child.stdin, chunk))) throw new NodeEnded();
  };
  try {
    await feed({ write, end: async () => {} });
  } catch (error) {
    if (!(error instanceof NodeEnded)) {
      await child.kill();
      throw error;
    }
  }
  child.stdin.end();
  const end = await ending(child);
  signal.throwIfAborted();
  return readAnswer(end, await output, host.label);
}

function commandWords(protocol: Protocol, words: readonly string[]): string[] {
  return ['receive', ...(protocol === 1 ? [] : [String(protocol)]), ...words];
}
