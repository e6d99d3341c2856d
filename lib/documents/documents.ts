/**
 * What flows between the programs. Read this room first.
 *
 *     vz-parse-config  → vz-config        what a container's config says, and facts about its source
 *     vz-to-osctl      → osctl-container  what it becomes on vpsAdminOS, and a report of every item
 *     vz-migrate-step  → vz-migration     how far a move is, and what its next step needs
 *     osctl-probe      → vpsadminos-node  what a target node is, and what is taken on it
 *     any of them      → vz-error         in the place of a document that could not be made
 *
 * A document is one JSON object, one a line. Each has `kind`, `schema` (raised on a breaking change) and, of a container, `ctid`.
 * Numbers that may pass 2^53 are strings.
 */
import type { OsctlContainer } from './osctl-container.ts';
import type { VpsadminosNode } from './vpsadminos-node.ts';
import type { VzConfig } from './vz-config.ts';
import type { VzErrorDocument } from './vz-error.ts';
import type { VzMigration } from './vz-migration.ts';

export type { ContainerYml } from './container-yml.ts';
export type { OsctlContainer } from './osctl-container.ts';
export type { VpsadminosNode } from './vpsadminos-node.ts';
export type { VzConfig } from './vz-config.ts';
export type { VzErrorDocument } from './vz-error.ts';
export type { VzMigration } from './vz-migration.ts';

export interface DocumentKinds {
  'vz-config': VzConfig;
  'osctl-container': OsctlContainer;
  'vz-error': VzErrorDocument;
  'vz-migration': VzMigration;
  'vpsadminos-node': VpsadminosNode;
}
export type Kind = keyof DocumentKinds;
export type Document = DocumentKinds[Kind];

/** The highest schema of each kind that this version reads and writes. */
export const SCHEMA_VERSIONS: Record<Kind, number> = {
  'vz-config': 1,
  'osctl-container': 1,
  'vz-error': 1,
  'vz-migration': 1,
  'vpsadminos-node': 1,
};
