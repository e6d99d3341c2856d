/**
 * `relay.bench.mjs TARGET FILE COPY`: brings a file from a host to another one (both TARGET, as JSON) through this process, and
 * prints the peak of its memory in MiB.
 */
import { writeAhead } from '../../lib/bundle/drain.ts';
import { readAhead } from '../../lib/bundle/read-ahead.ts';
import type { SshTarget } from '../../lib/documents/source.ts';
import { openHost } from '../../lib/host/open.ts';

const [target = '', file = '', copy = ''] = process.argv.slice(2);
const host = (): ReturnType<typeof openHost> =>
  openHost(JSON.parse(target) as SshTarget, (line) => process.stderr.write(`${line}\n`));
const from = host().spawn(['cat', file]);
const to = host().spawn(['sh', '-c', 'cat > "$1"', 'sh', copy], { stdin: 'pipe' });
to.stdout.resume();
const { signal } = new AbortController();
for await (const chunk of readAhead(from.stdout)) await writeAhead(to.stdin, chunk, signal);
to.stdin.end();
const exits = await Promise.all([from.done, to.done]);
if (exits.some(({ code }) => code !== 0)) throw new Error(JSON.stringify(exits));
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
