import type { Host } from '../../host/host.ts';
import type { Answer } from './answer.ts';
import { type Protocol, request } from './request.ts';

export interface SkelRequest {
  readonly host: Host;
  readonly archive: Buffer;
  /** null: that of the key. */
  readonly pool: string | null;
  /** Of a key that has one; must not be given to another. */
  readonly passphrase: string | undefined;
}

export interface SkelAnswer {
  readonly answer: Answer;
  readonly protocol: Protocol;
  /** null: there is no container, or (`done`) one whose token nobody knows. */
  readonly token: string | null;
}

/**
 * Sends a skeleton in the newest form of the protocol that the node takes. One of before 2025 takes the number for a verb and
 * answers with its usage, with nothing read.
 */
export async function sendSkel({ host, archive, pool, passphrase }: SkelRequest): Promise<SkelAnswer> {
  const words = ['skel', pool ?? '-', ...(passphrase === undefined ? [] : [passphrase])];
  let protocol: Protocol = 2;
  let answer = await request({ host, protocol, words }, archive);
  if (answer.kind === 'usage') {
    protocol = 1;
    answer = await request({ host, protocol, words }, archive);
  }
  const token = answer.kind === 'done' ? (/^([0-9a-f]{40})\n?$/.exec(answer.output)?.[1] ?? null) : null;
  return { answer, protocol, token };
}
