import { usage } from '../cli/flags.ts';
import type { SshTarget } from '../documents/source.ts';
import type { SshChoice } from '../ssh/flags.ts';

export interface Destination {
  readonly host: SshTarget;
  /** null: the node's only pool. */
  readonly pool: string | null;
}

/** Parses `[USER@]HOST[:POOL]` or `ssh://[USER@]HOST[:PORT][/POOL]`. Throws VzError (64). */
export function parseDestination(text: string, ssh: SshChoice): Destination {
  const groups = (text.startsWith('ssh://') ? URL_FORM : SHORT_FORM).exec(text)?.groups;
  if (!groups) throw usage(`expected [USER@]HOST[:POOL], got ${JSON.stringify(text)}`);
  const { user, name = '', address = '', port, pool } = groups;
  const portNumber = port === undefined ? null : Number(port);
  if (portNumber !== null && (portNumber < 1 || portNumber > 65535)) throw usage(`no such port: ${port}`);
  return {
    host: { ...ssh, user: user ?? null, name: name || address, port: portNumber },
    pool: pool ?? null,
  };
}

const USER = '(?:(?<user>[A-Za-z0-9_.][A-Za-z0-9_.-]*)@)?';
/** Never with a leading dash; an IPv6 address stands in brackets. */
const HOST = '(?:\\[(?<address>[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?)\\]|(?<name>[A-Za-z0-9_][A-Za-z0-9_.-]*))';
const POOL = '(?<pool>[A-Za-z0-9_][A-Za-z0-9_.-]*)';
const SHORT_FORM = new RegExp(`^${USER}${HOST}(?::${POOL})?$`);
const URL_FORM = new RegExp(`^ssh://${USER}${HOST}(?::(?<port>\\d{1,5}))?(?:/${POOL}?)?$`);
