import { type Flags, passOn, usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { vzParseConfig } from '../cli/specs/vz-parse-config.ts';
import { vzToOsctl } from '../cli/specs/vz-to-osctl.ts';
import { readOptions } from '../convert/read-options.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { parseAndConvert } from '../migrate/read-container.ts';

/** vz-parse-config | vz-to-osctl, `words` for the latter. Throws as they do. */
export async function look(ct: string, flags: Flags, io: Io, words: string[] = []): Promise<OsctlContainer> {
  if (ct === '-') throw usage('expected a container, got -', 'vz-parse-config reads a config from stdin');
  const except = flags.operands[1] === 'migrate' ? ['ssh-option'] : [];
  const parse = passOn(flags, vzParseConfig, { words: [ct], except });
  const decide = readOptions(passOn(flags, vzToOsctl, { words }));
  io.log.block('Parsing config\n');
  return parseAndConvert(parse, decide, io);
}

/** Whether ZFS is spoken of: without it, files are exported. */
export function saysZfs(flags: Flags): boolean {
  const words = ['zfs', 'zfs-dataset', 'zfs-compressed-send', 'vpsadmin'];
  return flags.on('zfs', true) && words.some((name) => flags.given.includes(name));
}
