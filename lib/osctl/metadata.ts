import * as z from 'zod';
import type { Findings } from './findings.ts';

/** Ids of containers on vpsAdminOS; a leading dash would be a flag to osctl. */
const CONTAINER_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/;

/** Dataset names reach a shell unquoted on the node. */
const DATASET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_][A-Za-z0-9_.:-]*)*$/;

/** The types osctld insists on: most others end in `internal error` after it has made things. */
const metadata = z.object({
  type: z.enum(['full', 'skel']),
  format: z.enum(['tar', 'zfs']),
  container: z.string('expected a string (quote the id)').regex(CONTAINER_ID, 'expected an id').nullable(),
  user: z.string().nullish(),
  group: z.string().regex(/^\/./, 'expected a group name that begins with /').nullish(),
  datasets: z.array(z.string().regex(DATASET_NAME, 'expected a relative dataset name')),
  exported_at: z.int().optional(),
});
export type Metadata = z.infer<typeof metadata>;

/** Checks what metadata.yml holds; undefined when it is wrong, and the findings say why. */
export function checkMetadata(value: unknown, findings: Findings): Metadata | undefined {
  const parsed = metadata.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      findings.error('BAD_METADATA', `metadata.yml: ${[...issue.path, ''].join(': ')}${issue.message}`);
    }
    return undefined;
  }
  const seen = new Set<string>();
  for (const name of parsed.data.datasets) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (seen.has(name)) findings.error('BAD_METADATA', `metadata.yml: datasets: ${name} twice`);
    if (parent !== '' && !seen.has(parent)) {
      findings.error('BAD_METADATA', `metadata.yml: datasets: ${name} before its parent ${parent}`);
    }
    seen.add(name);
  }
  if (parsed.data.container === null) {
    findings.warning('NO_ID', 'metadata.yml names no container; the import needs --as-id');
  }
  return parsed.data;
}
