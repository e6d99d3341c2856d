import { quoteArgv } from '../host/quote.ts';
import script from './direct.sh';
import type { ImportJob, Preflight } from './import-job.ts';
import { namesIn } from './node-state.ts';
import type { JsonValue } from './psych-json.ts';
import { psychJson } from './psych-json.ts';
import { compactScript } from './script.ts';

/** The script of a direct import with its arguments; see there. `word` is of this run alone. */
export function directArgv(job: ImportJob, { id, pool, dataset, node }: Preflight, word: string): string[] {
  const { head, options } = job;
  const { config, user, group } = head.document;
  const ct = `${pool.name}:${id}`;
  const osctl = ['osctl', '-q', '--pool', pool.name];
  const newUser =
    user !== null && options.asUser === undefined && !namesIn(node.users, pool).includes(user.name)
      ? user
      : null;
  const maps = (flag: string, entries: readonly string[]): string[] =>
    entries.flatMap((entry) => [flag, entry]);
  const makeUser = newUser && [
    ...[...osctl, 'user', 'new'],
    ...maps('--map-uid', newUser.uidMap),
    ...maps('--map-gid', newUser.gidMap),
    newUser.name,
  ];
  const groups = options.asGroup === undefined ? groupsAbove(group) : [];
  const newGroups = groups.filter((name) => !namesIn(node.groups, pool).includes(name));
  const autostart = options.autostart ? config.autostart : null;
  const setAutostart = autostart && [
    ...['osctl', '-q', 'ct', 'set', 'autostart'],
    ...['-p', String(autostart.priority), '-d', String(autostart.delay), ct],
  ];
  const line = (argv: readonly string[] | null): string => (argv === null ? '' : quoteArgv(argv));
  return [
    ...['sh', '-c', compactScript(script), 'osctl-import', ct, word, String(SILENCE_SECONDS), dataset],
    ...[line(makeUser), newUser === null ? '' : `${pool.name}:${newUser.name}`, newGroups.join(' ')],
    ...[line([...osctl, ...newContainer(job, id)]), line(setAutostart)],
  ];
}

/** What `osctl ct config replace` gets. Autostart comes last, when the container is whole. */
export function directConfig({ head }: ImportJob): string {
  const { autostart: _, ...config } = head.document.config;
  return psychJson(config satisfies JsonValue);
}

/** `/a` and `/a/b` of `/a/b`. */
function groupsAbove(group: string | null): string[] {
  const parts = (group ?? '').split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function newContainer({ head, options }: ImportJob, id: string): string[] {
  const { config, user, group } = head.document;
  const optional = [
    ['--user', options.asUser ?? user?.name],
    ['--group', options.asGroup ?? group ?? undefined],
    ['--dataset', options.dataset],
  ] as const;
  return [
    ...['ct', 'new', '--skip-image', '--distribution', config.distribution],
    ...['--version', config.version, '--arch', config.arch],
    ...optional.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
    id,
  ];
}

/**
 * ssh gives a silent link up after 45 seconds; the node has to bear a disk that stands still for a while. A frame of 4 MiB
 * must have come through in that time.
 */
export const SILENCE_SECONDS = 300;
