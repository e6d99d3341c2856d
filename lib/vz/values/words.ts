import type { ParsedValue } from '../value.ts';
import { invalid, valid } from '../value.ts';
import { splitTokens, takeTokens } from './list.ts';

/**
 * NAMESERVER, SEARCHDOMAIN: words, not checked. `inherit` as the first one means the host's resolv.conf, and then the
 * others say nothing (the shipped vz.conf has an unquoted comment there).
 */
export function parseNames(raw: string): ParsedValue {
  const names = splitTokens(raw, /[ \t]+/);
  const inherit = names[0] === 'inherit';
  return valid({ type: 'names', inherit, names: inherit ? [] : names });
}

/** NETDEV: host interfaces; those that are virtual on the host are refused. */
export function parseNetdev(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, /[ \t]+/), (name) =>
    /^(venet|tun|tap|lo)/.test(name) ? 'interfaces named venet, tun, tap or lo cannot be moved' : { name },
  );
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'words', words: taken.map(({ name }) => name) }, notes);
}

/** PCI: `[DOMAIN:]BUS:SLOT.FUNCTION` in hex, written out as lspci(8) does. */
export function parsePci(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, / +/), (token) => {
    const match = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])$/i.exec(token);
    if (!match) return 'not [DOMAIN:]BUS:SLOT.FUNCTION';
    const [, domain = '', bus = '', slot = '', fn = ''] = match;
    return {
      text: `${domain.padStart(4, '0')}:${bus.padStart(2, '0')}:${slot.padStart(2, '0')}.${fn}`.toLowerCase(),
    };
  });
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'words', words: taken.map(({ text }) => text) }, notes);
}

/** IPTABLES: modules between spaces, tabs or commas. Each unknown one is skipped for itself. */
export function parseIptables(raw: string): ParsedValue {
  const words = splitTokens(raw, /[ \t,]+/);
  const known = words.filter((word) => IPTABLES_MODULES.has(word));
  const unknown = words.filter((word) => !IPTABLES_MODULES.has(word));
  if (unknown.length === 0) return valid({ type: 'words', words: known });
  const text = `unknown modules are skipped: ${unknown.slice(0, 10).join(' ')}${unknown.length > 10 ? ' …' : ''}`;
  return valid({ type: 'words', words: known }, [{ code: 'INVALID_PART', text: text.slice(0, 300) }]);
}

const IPTABLES_MODULES: ReadonlySet<string> = new Set(
  (
    'ip_tables iptable_filter iptable_mangle ipt_limit ipt_multiport ipt_tos ipt_TOS ipt_REJECT ipt_TCPMSS ' +
    'ipt_tcpmss ipt_ttl ipt_LOG ipt_length ip_conntrack ip_conntrack_ftp ip_conntrack_irc ipt_conntrack ipt_state ' +
    'ipt_helper iptable_nat ip_nat_ftp ip_nat_irc ipt_REDIRECT xt_mac ipt_recent ipt_owner'
  ).split(' '),
);
