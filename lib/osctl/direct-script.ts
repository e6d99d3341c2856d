import { quoteArgv } from '../host/quote.ts';
import main from './direct.sh';
import type { ImportJob, Preflight } from './import-job.ts';
import making from './make-container.sh';
import { newContainer } from './new-container.ts';
import frames from './read-frames.sh';
import { compactScript } from './script.ts';

/** The script of a direct import. */
export const directScript = compactScript([making, frames, main].join('\n'));

/** The script of a direct import with its arguments; see there. `word` is of this run alone. */
export function directArgv(job: ImportJob, { id, pool, dataset, node }: Preflight, word: string): string[] {
  const { head, options } = job;
  const { document } = head;
  const ct = `${pool.name}:${id}`;
  const made = newContainer({ id, document, options, pool, node });
  const autostart = options.autostart ? document.config.autostart : null;
  const setAutostart = autostart && [
    ...['osctl', '-q', 'ct', 'set', 'autostart'],
    ...['-p', String(autostart.priority), '-d', String(autostart.delay), ct],
  ];
  return [
    ...['sh', '-c', directScript, 'osctl-import', ct, word, String(SILENCE_SECONDS), dataset],
    ...[made.makeUser, made.user === null ? '' : `${pool.name}:${made.user}`, made.groups.join(' ')],
    ...[made.makeContainer, setAutostart ? quoteArgv(setAutostart) : ''],
  ];
}

/**
 * ssh gives a silent link up after 45 seconds; the node has to bear a disk that stands still for a while. A frame of 4 MiB
 * must have come through in that time.
 */
export const SILENCE_SECONDS = 300;
