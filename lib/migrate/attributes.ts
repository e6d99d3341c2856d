/** What the container on the new node carries as long as it is ours: the migration's id. */
export const MIGRATION_ATTRIBUTE = 'vz2osctl:migration';

/** What was made with it, and is deleted with it: `user:NAME` and `group:NAME`, parents first, with blanks between. */
export const MADE_ATTRIBUTE = 'vz2osctl:made';
