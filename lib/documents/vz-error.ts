import * as z from 'zod';
import { EXIT } from '../errors.ts';

/** A failure is never 0, nor a number that a shell would make 0 of. */
const failure = z.literal(Object.values(EXIT).filter((code) => code !== EXIT.ok));

/** Takes the place of a document that a stage could not make; later stages pass it on. */
export const vzErrorDocument = z.strictObject({
  kind: z.literal('vz-error'),
  schema: z.literal(1),
  /** null: not known which container. */
  ctid: z.string().nullable(),
  program: z.string(),
  code: z.string(),
  exit: failure,
  message: z.string(),
});
export type VzErrorDocument = z.infer<typeof vzErrorDocument>;
