import * as z from 'zod';
import { EXIT, VzError } from '../errors.ts';
import type { DocumentKinds, Kind } from './documents.ts';
import { SCHEMA_VERSIONS } from './documents.ts';
import { osctlContainer } from './osctl-container.ts';
import { vpsadminosNode } from './vpsadminos-node.ts';
import { vzConfig } from './vz-config.ts';
import { vzErrorDocument } from './vz-error.ts';
import { vzMigration } from './vz-migration.ts';

const SCHEMAS: { [K in Kind]: z.ZodType<DocumentKinds[K]> } = {
  'vz-config': vzConfig,
  'osctl-container': osctlContainer,
  'vz-error': vzErrorDocument,
  'vz-migration': vzMigration,
  'vpsadminos-node': vpsadminosNode,
};

/**
 * Checks that `value` is a document of `kind`. Throws VzError (exit 65) that names the first field in fault:
 * wrong kind, newer schema, missing, unknown or mistyped field.
 */
export function validateDocument<K extends Kind>(value: unknown, kind: K, where: string): DocumentKinds[K] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VzError('NOT_A_DOCUMENT', { exit: EXIT.data, where, what: `expected a ${kind} document` });
  }
  const { kind: found, schema } = value as { kind?: unknown; schema?: unknown };
  if (found !== kind) {
    throw new VzError('WRONG_KIND', {
      exit: EXIT.data,
      where,
      what: `kind: expected ${kind}, got ${describe(found)}`,
      hint: WRITERS[kind],
    });
  }
  if (typeof schema === 'number' && schema > SCHEMA_VERSIONS[kind]) {
    throw new VzError('NEWER_SCHEMA', {
      exit: EXIT.data,
      where,
      what: `schema: ${schema} is newer than the ${SCHEMA_VERSIONS[kind]} that this version reads`,
      hint: 'update vz2osctl',
    });
  }
  const parsed = SCHEMAS[kind].safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue && issue.path.length > 0 ? `${formatPath(issue.path)}: ` : '';
  throw new VzError('BAD_DOCUMENT', {
    exit: EXIT.data,
    where,
    what: `${field}${issue?.message ?? 'invalid'}`,
  });
}

/** The JSON Schema of a kind, for `--schema`. */
export function jsonSchema(kind: Kind): object {
  return z.toJSONSchema(SCHEMAS[kind]);
}

const WRITERS: Record<Kind, string> = {
  'vz-config': 'vz-parse-config writes these',
  'osctl-container': 'vz-to-osctl writes these',
  'vz-error': 'a failed stage writes these',
  'vz-migration': 'vz-migrate-step writes these',
  'vpsadminos-node': 'osctl-probe writes these',
};

/** `items[3].value.unit`. */
function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

function describe(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : value === undefined
      ? 'nothing'
      : typeof value;
}
