import * as z from 'zod';
import { saidOfNode } from './blocker.ts';

/**
 * What it means that a setting, or a part of it, does not come along, rising:
 *
 * - `info`: nothing is lost;
 * - `minor`: a limit or a comfort, which hardly anybody will miss;
 * - `major`: a person should look before the container moves;
 * - `critical`: the container will not do its work there, or data stays behind, unless a person helps.
 */
export const severity = z.enum(['info', 'minor', 'major', 'critical']);
export type Severity = z.infer<typeof severity>;

const reported = {
  /** Empty for a line that is no assignment. */
  key: z.string(),
  raw: z.string(),
  line: z.int().nullable(),
  /** The container's config, or vz.conf. */
  origin: z.enum(['container', 'global']),
  severity,
};

/** Every item of the config is in exactly one of the two lists. */
export const report = z.strictObject({
  consumed: z.array(
    z.strictObject({ ...reported, fate: z.enum(['converted', 'approximated']), became: z.string() }),
  ),
  /** `unknown`: nobody knows the key, so nobody knows what is lost. */
  ignored: z.array(z.strictObject({ ...reported, fate: z.enum(['dropped', 'unknown']), reason: z.string() })),
  warnings: z.array(
    z.strictObject({
      code: z.string(),
      text: z.string(),
      line: z.int().nullable(),
      severity,
      ...saidOfNode,
    }),
  ),
});
export type Report = z.infer<typeof report>;
export type Fate = Report['consumed'][number]['fate'] | Report['ignored'][number]['fate'];
