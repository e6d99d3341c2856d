import { toError, VzError } from '../errors.ts';
import type { Exit, HostProcess } from '../host/host.ts';

/** The node's side ended before all was sent; how it ended says why. */
export class NodeEnded extends Error {}

/** How a process ended, or why the link to it broke. */
export async function ending(child: HostProcess): Promise<Exit | VzError> {
  try {
    return await child.done;
  } catch (error) {
    if (error instanceof VzError) return error;
    throw toError(error);
  }
}

/** What a process prints, as text; never more than is kept of `osctl -j ct show`. */
export async function collectText(child: HostProcess): Promise<string> {
  let text = '';
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (text.length < MAX_OUTPUT_CHARS) text += chunk.toString();
    }
  } catch {
    // Destroyed with the process; its end says why.
  }
  return text;
}

/** `osctl -j ct show` is a few kilobytes. */
const MAX_OUTPUT_CHARS = 1024 * 1024;
