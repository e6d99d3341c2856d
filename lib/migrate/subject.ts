import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { OsctlContainer, VzMigration } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { HostAddress } from '../source/reference.ts';
import { checkContainerId, parseOperand } from '../source/reference.ts';
import { parseConfig } from '../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../vz/value.ts';
import { readContainer } from './read-container.ts';
import { stateName } from './state/name.ts';
import { listMigrations } from './state/store.ts';
import type { Action } from './step-flags.ts';

/** The container that a run is about. */
export interface Subject {
  /** Of its state and lock. */
  readonly name: string;
  /** Came on stdin. */
  readonly migration: VzMigration | undefined;
  /** Came on stdin, or was read to find out the id of a name. */
  readonly container: OsctlContainer | undefined;
}

/**
 * Finds out which container is meant: by the operand, or by the document on stdin, which is read only without one. Throws
 * VzError: 64 an operand that is none, 65 a bad document, 66 nothing has that name; as `readContainer` for steps that begin.
 */
export async function findSubject(
  flags: Flags,
  io: Io,
  { action, directory }: { readonly action: Action; readonly directory: string },
): Promise<Subject> {
  const begins = action === 'stage' || action === 'now';
  const word = flags.operands[1] ?? '-';
  const operand = parseOperand(word);
  switch (operand.kind) {
    case 'dead':
    case 'vzdump':
      throw usage(`${JSON.stringify(word)} is no container of a node that runs`, OFFLINE_WAY);
    case 'file':
      throw usage(`expected a container, got ${JSON.stringify(word)}`, 'a document comes on stdin');
    case 'stdin': {
      if (io.stdinIsTty) throw usage(`expected ${EXPECTED[action]}`);
      if (!begins) {
        const migration = await readOneDocument(io, 'vz-migration');
        return { name: nameOfContainer(migration.container), migration, container: undefined };
      }
      const container = await readOneDocument(io, 'osctl-container');
      return subjectOf(container);
    }
    case 'container': {
      const { host, name } = operand;
      const known = /^\d+$/.test(name)
        ? stateName(host, checkContainerId(name))
        : await findByName(directory, host, name);
      if (known !== undefined) return { name: known, migration: undefined, container: undefined };
      if (!begins) throw noMigration(word, directory);
      const container = await readContainer(word, flags.text('conf-dir'), io);
      return subjectOf(container);
    }
  }
}

/** A container that a migration begins with. */
export function subjectOf(container: OsctlContainer): Subject {
  return { name: nameOfContainer(container), migration: undefined, container };
}

export function noMigration(where: string, directory: string): VzError {
  return new VzError('NO_MIGRATION', {
    exit: EXIT.noInput,
    where,
    what: `no migration of it is kept in ${directory}`,
    hint: 'vz-migrate-step status --all shows those that are; stage begins one',
  });
}

function nameOfContainer({ source, ctid }: OsctlContainer): string {
  return stateName(source.host, ctid);
}

/** By NAME of the config that it was staged with: the node may be down. What cannot be read has no name. */
async function findByName(
  directory: string,
  host: HostAddress | null,
  name: string,
): Promise<string | undefined> {
  for await (const kept of listMigrations(directory)) {
    const document = await kept.load().catch(() => null);
    if (document === null) continue;
    const { ctid, container } = document;
    if (stateName(host, ctid) === kept.name && configName(container) === name) return kept.name;
  }
  return undefined;
}

function configName({ ctid, source }: OsctlContainer): string | undefined {
  const file = source.files.find(({ role }) => role === 'container');
  if (!file) return undefined;
  const container = Buffer.from(file.content, file.encoding);
  const { items } = parseConfig({ container, global: null, ctid, pageSize: X86_PAGE_BYTES });
  return items.find(({ key, state }) => key === 'NAME' && state === 'used')?.raw;
}

const OFFLINE_WAY = 'vz-parse-config … | vz-to-osctl | vz-rootfs-tar | osctl-bundle | osctl-import brings it';

const EXPECTED: Record<Action, string> = {
  stage: 'a container, or an osctl-container document on stdin',
  now: 'a container, or an osctl-container document on stdin',
  status: 'a container, a vz-migration document on stdin, or --all',
  sync: 'a container, or a vz-migration document on stdin',
  transfer: 'a container, or a vz-migration document on stdin',
  cleanup: 'a container, or a vz-migration document on stdin',
  rollback: 'a container, or a vz-migration document on stdin',
  cancel: 'a container, or a vz-migration document on stdin',
};
