import * as z from 'zod';
import { isSubdatasetName } from '../documents/names.ts';
import type { Findings } from './findings.ts';

/** Ids of containers on vpsAdminOS; a leading dash would be a flag to osctl. */
const CONTAINER_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/;

/** osctld: at most 31 characters less the pool's name. */
const USER_NAME = /^[a-z0-9_-]{1,30}$/;

/** The types osctld insists on: most others end in `internal error` after it has made things. */
const metadata = z.object({
  type: z.enum(['full', 'skel']).optional(),
  format: z.enum(['tar', 'zfs']),
  container: z.string('expected a string (quote the id)').regex(CONTAINER_ID, 'expected an id').nullable(),
  user: z.string().regex(USER_NAME, 'expected a user name of a-z 0-9 _ -').nullish(),
  group: z.string().regex(/^\/./, 'expected a group name that begins with /').nullish(),
  datasets: z.array(z.string().refine(isSubdatasetName, 'expected a relative dataset name')),
  exported_at: z.int().optional(),
});
export type Metadata = z.infer<typeof metadata>;

/**
 * Checks what metadata.yml holds; undefined when it is wrong, and the findings say why. `allowSkel`: an archive without
 * data is right, since it is for osctl-ct-receive.
 */
export function checkMetadata(
  value: unknown,
  findings: Findings,
  { allowSkel }: { readonly allowSkel: boolean },
): Metadata | undefined {
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
  const { container, user, type } = parsed.data;
  if (container === null) {
    findings.warning('NO_ID', 'metadata.yml names no container; the import needs --as-id');
  } else if ((user ?? null) === null && !USER_NAME.test(container)) {
    findings.warning(
      'NO_AUTOMATIC_USER',
      `osctld cannot make a user named ${container}; the import needs --as-user or --as-id`,
    );
  }
  if (type === undefined)
    findings.warning('ABSENT_KEY', 'metadata.yml: type: absent, which an import does not mind');
  if (type === 'skel') {
    const text = 'metadata.yml: type: skel, which is for osctl-ct-receive, and not for osctl ct import';
    if (allowSkel) findings.warning('SKEL', text);
    else findings.error('SKEL', text);
  }
  return parsed.data;
}
