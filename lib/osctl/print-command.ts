import { quoteArgv } from '../host/quote.ts';
import byHand from './by-hand.sh';
import importScript from './import.sh';
import type { ImportOptions } from './import-options.ts';
import { importFlags } from './import-options.ts';
import { compactScript } from './script.ts';

/** The command that imports an archive from its stdin on the node, for `ssh root@node "$(…)"`. */
export function commandByHand(options: ImportOptions, pool: string | null): string {
  const { spoolDir = '', asId = '', autostart } = options;
  const args = [pool ?? '', spoolDir, asId, autostart ? 'keep' : 'off', ...importFlags(options)];
  return quoteArgv(['sh', '-c', compactScript(byHand), 'osctl-import', ...args]);
}

export interface ScriptArguments {
  readonly pool: string;
  readonly id: string;
  readonly spoolDir: string;
  /** As for `sendArchive`. */
  readonly seal: string;
  readonly options: ImportOptions;
}

/** The import script with its arguments; `-q`, since progress written to a broken link would end osctl half way. */
export function importArgv({ pool, id, spoolDir, seal, options }: ScriptArguments): string[] {
  const command = ['osctl', '-q', '--pool', pool, 'ct', 'import', ...importFlags(options)];
  const autostart = options.autostart ? 'keep' : 'off';
  return [
    'sh',
    '-c',
    compactScript(importScript),
    'osctl-import',
    spoolDir,
    `${pool}:${id}`,
    autostart,
    seal,
    ...command,
  ];
}
