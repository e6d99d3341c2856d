import { createHash } from 'node:crypto';
import type { HostReference } from '../../documents/source.ts';

/** What tells one node from another; the same one under another port may be another machine behind one address. */
export type NodeAddress = Pick<HostReference, 'name' | 'port'> & Partial<Pick<HostReference, 'options'>>;

/**
 * The name under which the state and the lock of a container's migration are kept: `101` for one of this machine,
 * `101@vz6`, `101@vz6,2222`. Safe as a file's name for any host, and different for any two.
 */
export function stateName(host: NodeAddress | null, ctid: string): string {
  if (host === null) return ctid;
  const port = host.port ?? portOption(host.options ?? []);
  return `${ctid}@${fileWord(host.name)}${port === null ? '' : `,${port}`}`;
}

/** Of an option that travels, `Port=2222`; ssh(1) uses the first one, and its -p before all. */
function portOption(options: readonly string[]): number | null {
  const text = options.find((option) => option.startsWith('Port='))?.slice('Port='.length);
  return text === undefined ? null : Number(text);
}

/** Host names do not differ by case. */
function fileWord(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (word.length <= LONGEST) return word;
  const digest = createHash('sha256').update(word).digest('hex').slice(0, 32);
  // A tilde is in no other word.
  return `${word.slice(0, LONGEST - digest.length - 1)}~${digest}`;
}

/** With id, port, the suffix and what a temporary file adds, less than the 255 bytes of a file's name. */
const LONGEST = 180;
