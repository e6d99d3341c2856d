import * as z from 'zod';
import { EXIT, VzError } from '../errors.ts';

/** Name of the last member of a bundle stream: its trailer. Without it a stream is not whole. */
export const END_MEMBER = 'end.json';

/** Name of the first member of a bundle stream and of an archive: the osctl-container document. */
export const CONTAINER_MEMBER = 'container.json';

const bundleEnd = z.strictObject({
  kind: z.literal('bundle-end'),
  payloads: z.array(z.strictObject({ name: z.string(), bytes: z.int().min(0) })),
  warnings: z.array(z.string()),
});

/** What the trailer says: the byte count of each payload, in order, and what the reader should know. */
export type BundleEnd = z.infer<typeof bundleEnd>;

export function encodeEnd(end: BundleEnd): Buffer {
  return Buffer.from(`${JSON.stringify(end)}\n`);
}

/** Checks the trailer against what flowed. Throws VzError (65) when they differ. */
export function checkEnd(data: Buffer, flowed: ReadonlyMap<string, number>): void {
  const end = parseEnd(data);
  for (const { name, bytes } of end.payloads) {
    if (flowed.get(name) !== bytes) {
      throw new VzError('WRONG_SIZE', {
        exit: EXIT.data,
        where: name,
        what: `${flowed.get(name) ?? 0} bytes came, ${bytes} were sent`,
        hint: 'the stream was damaged; run the pipe again',
      });
    }
  }
  if (end.payloads.length !== flowed.size) {
    throw new VzError('WRONG_PAYLOADS', {
      exit: EXIT.data,
      where: END_MEMBER,
      what: 'does not name all payloads that came',
    });
  }
}

function parseEnd(data: Buffer): BundleEnd {
  try {
    return bundleEnd.parse(JSON.parse(data.toString()));
  } catch (cause) {
    throw new VzError('BAD_END', {
      exit: EXIT.data,
      where: END_MEMBER,
      what: 'not a trailer of a bundle stream',
      cause,
    });
  }
}
