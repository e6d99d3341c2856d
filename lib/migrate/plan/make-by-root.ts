import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { groupsAbove, newConfig, newContainerWords, newUserWords } from '../../osctl/new-container.ts';
import { MADE_ATTRIBUTE, MIGRATION_ATTRIBUTE } from '../attributes.ts';
import { AS_IN_DOCUMENT } from '../files/make.ts';
import type { Draft } from './draft.ts';

/** Makes the container by root, without its data. */
export function makeByRoot(draft: Draft): void {
  const { container, destination, id } = draft.document;
  const { user, group } = container;
  const groups = groupsAbove(group);
  const pool = destination.pool === null ? [] : ['--pool', destination.pool];
  const osctl = (...words: string[]): string => quoteArgv(['osctl', '-q', ...pool, ...words]);
  if (user !== null || groups.length > 0) draft.note('a user or group that is there already is not made');
  if (user !== null) draft.target(osctl(...newUserWords(user)));
  for (const name of groups) draft.target(osctl('group', 'new', name));
  draft.target(osctl(...newContainerWords(container, AS_IN_DOCUMENT), container.id));
  draft.note("without the data's place: it cannot start. With map_mode native, the config says that as well");
  const made = [...(user === null ? [] : [`user:${user.name}`]), ...groups.map((name) => `group:${name}`)];
  const attributes = {
    [MIGRATION_ATTRIBUTE]: id,
    ...(made.length > 0 ? { [MADE_ATTRIBUTE]: made.join(' ') } : {}),
  };
  const config = quoteForShell(newConfig(container, attributes).trimEnd());
  draft.target(`printf %s ${config} | osctl -q ct config replace ${draft.names.ct}`);
}

/** Deletes it, with what was made for it. */
export function deleteByRoot(draft: Draft): void {
  const { user, group } = draft.document.container;
  const pool = draft.names.ct.includes(':') ? draft.names.ct.replace(/:[^:]*$/, ':') : '';
  const groups = groupsAbove(group).reverse();
  draft.note('only what carries the id of this migration');
  draft.target(`osctl -q ct del ${draft.names.ct}`);
  if (user === null && groups.length === 0) return;
  draft.note('those that were made for it');
  if (user !== null) draft.target(`osctl -q user del ${pool}${quoteForShell(user.name)}`);
  for (const name of groups) draft.target(`osctl -q group del ${pool}${quoteForShell(name)}`);
}

/** Takes off what tells that the container is of a migration. */
export function unmark(draft: Draft): void {
  const { user, group } = draft.document.container;
  const isMade = draft.document.destination.via === 'root' && (user !== null || group !== null);
  for (const name of isMade ? [MADE_ATTRIBUTE, MIGRATION_ATTRIBUTE] : [MIGRATION_ATTRIBUTE])
    draft.target(`osctl -q ct unset attr ${draft.names.ct} ${name}`);
}
