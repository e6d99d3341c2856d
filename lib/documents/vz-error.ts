import * as z from 'zod';

/** Takes the place of a document that a stage could not make; later stages pass it on. */
export const vzErrorDocument = z.strictObject({
  kind: z.literal('vz-error'),
  schema: z.literal(1),
  /** null: not known which container. */
  ctid: z.string().nullable(),
  program: z.string(),
  code: z.string(),
  exit: z.int(),
  message: z.string(),
});
export type VzErrorDocument = z.infer<typeof vzErrorDocument>;
