import type { OsctlContainer } from '../documents/documents.ts';
import { quoteArgv } from '../host/quote.ts';
import type { ImportOptions } from './import-options.ts';
import type { NodeState, Pool } from './node-state.ts';
import { namesIn } from './node-state.ts';
import type { JsonValue } from './psych-json.ts';
import { psychJson } from './psych-json.ts';

export interface NewContainerQuestion {
  readonly id: string;
  readonly document: OsctlContainer;
  readonly options: ImportOptions;
  readonly pool: Pool;
  readonly node: NodeState;
}

/** What `make-container.sh` makes: lines of sh, and what is deleted again. */
export interface NewContainer {
  /** Empty: osctld makes the user, or it is there. */
  readonly makeUser: string;
  /** The user that is made; null: none. */
  readonly user: string | null;
  /** The groups that are made, parents first. */
  readonly groups: readonly string[];
  readonly makeContainer: string;
}

/** A container of a document, made with `osctl ct new --skip-image`, with its user and groups where the node lacks them. */
export function newContainer(question: NewContainerQuestion): NewContainer {
  const { document, options, pool, node, id } = question;
  const { user, group } = document;
  const osctl = ['osctl', '-q', '--pool', pool.name];
  const newUser =
    user !== null && options.asUser === undefined && !namesIn(node.users, pool).includes(user.name)
      ? user
      : null;
  const makeUser = newUser && [...osctl, ...newUserWords(newUser)];
  const groups = options.asGroup === undefined ? groupsAbove(group) : [];
  return {
    makeUser: makeUser ? quoteArgv(makeUser) : '',
    user: newUser?.name ?? null,
    groups: groups.filter((name) => !namesIn(node.groups, pool).includes(name)),
    makeContainer: quoteArgv([...osctl, ...newContainerWords(document, options), id]),
  };
}

/**
 * What `osctl ct config replace` gets, with `attrs` besides the document's own. Autostart comes last, when the container is
 * whole.
 */
export function newConfig({ config }: OsctlContainer, attrs: Readonly<Record<string, string>> = {}): string {
  const { autostart: _, ...rest } = config;
  return psychJson({ ...rest, attrs: { ...config.attrs, ...attrs } } satisfies JsonValue);
}

/** `user new …`, for osctl. */
export function newUserWords({ name, uidMap, gidMap }: NonNullable<OsctlContainer['user']>): string[] {
  const maps = (flag: string, entries: readonly string[]): string[] =>
    entries.flatMap((entry) => [flag, entry]);
  return ['user', 'new', ...maps('--map-uid', uidMap), ...maps('--map-gid', gidMap), name];
}

/** `/a` and `/a/b` of `/a/b`. */
export function groupsAbove(group: string | null): string[] {
  const parts = (group ?? '').split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** `ct new …` but for the id, for osctl. */
export function newContainerWords({ config, user, group }: OsctlContainer, options: ImportOptions): string[] {
  const optional = [
    ['--user', options.asUser ?? user?.name],
    ['--group', options.asGroup ?? group ?? undefined],
    ['--dataset', options.dataset],
  ] as const;
  return [
    ...['ct', 'new', '--skip-image', '--distribution', config.distribution],
    ...['--version', config.version, '--arch', config.arch],
    ...optional.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
  ];
}
