import * as z from 'zod';

/** What speaks against a container on a node, or is only to be known. Each text is one line. */
const said = {
  /** Where that is seen. */
  evidence: z.string(),
  /** What to do about it. */
  remedy: z.string(),
};

/** The container will not do its work on the node as it is, or cannot come there. `code` is for programs and for `--ignore`. */
export const blocker = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z0-9_]{0,59}$/, 'expected a code'),
  text: z.string(),
  ...said,
});
export type Blocker = z.infer<typeof blocker>;

/** The same of a warning; one that is not about a node has neither. */
export const saidOfNode = { evidence: said.evidence.optional(), remedy: said.remedy.optional() };

/** A blocker, or such a warning, as a person reads it. */
export function describeFinding({
  text,
  evidence,
  remedy,
}: {
  readonly text: string;
  readonly evidence?: string | undefined;
  readonly remedy?: string | undefined;
}): string {
  return `${text}${evidence ? ` (${evidence})` : ''}${remedy ? `; ${remedy}` : ''}`;
}
