import type { ParsedValue } from '../value.ts';
import { invalid, quoted, valid } from '../value.ts';
import { splitTokens, takeTokens } from './list.ts';

/** CAPABILITY: `NAME:on|off` between spaces, tabs or commas; names in any case, written out in upper case. */
export function parseCapabilities(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, SEPARATORS), (token) => {
    const match = /^(.*):(on|off)$/s.exec(token);
    if (!match) return 'not NAME:on or NAME:off';
    const name = (match[1] ?? '').toUpperCase();
    return CAPABILITIES.has(name) ? { name, on: match[2] === 'on' } : 'no such capability';
  });
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'switches', switches: [...taken] }, notes);
}

/** FEATURES: `name:on|off` in lower case; each unknown one is skipped for itself. */
export function parseFeatures(raw: string): ParsedValue {
  const tokens = splitTokens(raw, SEPARATORS);
  const read = tokens.map((token) => /^([a-z]+):(on|off)$/.exec(token));
  const switches = read.flatMap((match) =>
    match && FEATURES.has(match[1] ?? '') ? [{ name: match[1] ?? '', on: match[2] === 'on' }] : [],
  );
  if (switches.length === tokens.length) return valid({ type: 'switches', switches });
  const bad = tokens.find((_, index) => !FEATURES.has(read[index]?.[1] ?? '')) ?? '';
  const count = tokens.length - switches.length;
  return valid({ type: 'switches', switches }, [
    { code: 'INVALID_PART', text: `${count} unknown and skipped, the first is ${quoted(bad)}` },
  ]);
}

const SEPARATORS = /[ \t,]+/;

const CAPABILITIES: ReadonlySet<string> = new Set(
  (
    'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
    'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT ' +
    'SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE VE_ADMIN SETFCAP ' +
    'FS_MASK SETVEID'
  ).split(' '),
);
const FEATURES: ReadonlySet<string> = new Set('sysfs nfs sit ipip ppp ipgre bridge nfsd'.split(' '));
