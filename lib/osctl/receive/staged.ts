import type { Host } from '../../host/host.ts';
import type { Answer } from './answer.ts';
import { type Protocol, request } from './request.ts';

/** A container that was staged over the protocol, and how it is talked of. */
export interface Staged {
  readonly host: Host;
  readonly protocol: Protocol;
  readonly token: string;
}

/**
 * The container becomes `stopped`. `start` is for generation 2 alone: the hook of generation 1 answers before the start has
 * come to anything.
 */
export function transferStaged({ host, protocol, token }: Staged, how: 'stopped' | 'start'): Promise<Answer> {
  if (how === 'start' && protocol === 1)
    throw new TypeError('generation 1 does not tell how a start has ended');
  return request({ host, protocol, words: ['transfer', token, ...(how === 'start' ? ['start'] : [])] });
}

/** Deletes it. In generation 1 `done` means that it has begun. */
export function cancelStaged({ host, protocol, token }: Staged): Promise<Answer> {
  return request({ host, protocol, words: ['cancel', token] });
}

/** Generation 2, behind a transfer: destroys the snapshots there, releases the key, frees the token. Can be repeated. */
export function cleanUpTransferred({ host, token }: Staged): Promise<Answer> {
  return request({ host, protocol: 2, words: ['cleanup', token] });
}

/**
 * How a container is, by a command that changes nothing: zfs refuses an empty stream, and what osctld checks before that says
 * the rest. `gone`: the token is free, by a transfer of generation 1, a cancel or by hand. null: nobody knows.
 */
export async function probeStaged({
  host,
  protocol,
  token,
}: Staged): Promise<'staged' | 'transferred' | 'gone' | null> {
  const answer = await request({ host, protocol, words: ['incremental', token, '/'] });
  if (answer.kind !== 'refused') return null;
  switch (answer.error.code) {
    case 'STREAM_REFUSED':
      return 'staged';
    case 'NOT_STAGED':
    case 'SEND_SEQUENCE':
      return 'transferred';
    case 'NO_CONTAINER':
      return 'gone';
    default:
      return null;
  }
}
