import * as z from 'zod';
import type { Findings } from './findings.ts';

const idMap = z.array(z.string().regex(/^\d+:\d+:\d+$/, 'expected ns:host:count')).min(1);

/** What osctld reads of these two files; anything else in them is ignored. */
const SCHEMAS = {
  user: z.looseObject({ uid_map: idMap, gid_map: idMap }),
  group: z.looseObject({ cgparams: z.array(z.unknown()).nullish(), devices: z.array(z.unknown()).nullish() }),
} as const;

export type AccountKind = keyof typeof SCHEMAS;

/** Checks config/user.yml or config/group.yml. */
export function checkAccount(kind: AccountKind, value: unknown, findings: Findings): void {
  for (const { path, message } of SCHEMAS[kind].safeParse(value).error?.issues ?? []) {
    findings.error('BAD_CONFIG', `config/${kind}.yml: ${[...path, ''].map(String).join(': ')}${message}`);
  }
}
