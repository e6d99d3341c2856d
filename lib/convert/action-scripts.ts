import { basename } from 'node:path/posix';
import type { Facts } from '../documents/facts.ts';
import type { SourceFile } from '../documents/source.ts';
import { oneLine } from '../errors.ts';
import type { Context } from './context.ts';
import { listing } from './listing.ts';
import { mountLines } from './mount-lines.ts';

type ActionScript = Facts['actionScripts'][number];

/**
 * Warns of each action script, with the mounts that it makes: vpsAdminOS runs none of them, and what they mount is no
 * part of the container's data.
 *
 * vzctl executes those that run on the host, which need the permission, and feeds ID.start and ID.stop to a shell in
 * the container, which do not (run_script and vps_exec_script of vzctl).
 */
export function warnOfActionScripts({ config, ledger }: Context): void {
  for (const script of config.facts?.actionScripts ?? []) {
    const file = config.source.files.find(({ role, path }) => role === 'script' && path === script.path);
    const idle = whyNotRun(script);
    const path = oneLine(script.path);
    if (idle === null) {
      const text = `${path} runs ${placeOf(script)}, and will not on vpsAdminOS; ${contents(file)}`;
      ledger.warn('ACTION_SCRIPT', text);
    } else {
      ledger.warn('ACTION_SCRIPT_NOT_RUN', `${path}: ${idle}; ${contents(file)}`);
    }
  }
}

function whyNotRun(script: ActionScript): string | null {
  if (basename(script.path) === 'vps.create') return 'runs only when a container is created';
  return script.executable || isInside(script) ? null : 'not executable, so vzctl cannot run it';
}

function placeOf(script: ActionScript): string {
  if (isInside(script)) return 'inside of the container';
  return basename(script.path).startsWith('vps.') ? 'on the host for every container' : 'on the host';
}

function isInside({ path }: ActionScript): boolean {
  return /^\d+\.(start|stop)$/.test(basename(path));
}

/** Action scripts that vzctl runs, and their lines that mount something: those without any are left out. */
export function mountsOfScripts({
  facts,
  files,
}: {
  readonly facts: Facts | null;
  readonly files: readonly SourceFile[];
}): { readonly script: ActionScript; readonly lines: string[] }[] {
  return (facts?.actionScripts ?? []).flatMap((script) => {
    const file = files.find(({ role, path }) => role === 'script' && path === script.path);
    const lines = file === undefined || whyNotRun(script) !== null ? [] : shownMounts(file);
    return lines.length > 0 ? [{ script, lines }] : [];
  });
}

function shownMounts(file: SourceFile): string[] {
  return mountLines(textOf(file)).map(({ line, text }) => `line ${line}: ${hideSecrets(text)}`);
}

function contents(file: SourceFile | undefined): string {
  if (file === undefined) return 'its content is not in the document';
  const lines = shownMounts(file);
  if (lines.length === 0) return 'no mount command was found in it';
  return `it mounts: ${listing(lines, { most: MOST_LINES, separator: '; ' })}`;
}

/** A share's password stands among the options of mount.cifs(8); the report goes to more people than the script. */
function hideSecrets(text: string): string {
  return text.replace(/\b(pass(?:word)?2?=)[^,\s"']+/gi, '$1...');
}

/** Of a script that is not UTF-8, each byte is a character. */
function textOf({ encoding, content }: SourceFile): string {
  return encoding === 'utf8' ? content : Buffer.from(content, 'base64').toString('latin1');
}

const MOST_LINES = 10;
