import type { ItemValue } from '../../documents/values.ts';
import type { ParsedValue } from '../value.ts';
import { invalid, valid } from '../value.ts';
import { splitTokens, takeTokens } from './list.ts';

type Device = Extract<ItemValue, { type: 'devices' }>['devices'][number];
type Devnode = Extract<ItemValue, { type: 'devnodes' }>['nodes'][number];

/** DEVICES: `b|c:MAJOR:MINOR|all:PERMISSIONS` between spaces; loop devices (major 7) are refused. */
export function parseDevices(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, / +/), readDevice);
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'devices', devices: [...taken] }, notes);
}

/**
 * DEVNODES: `NAME:PERMISSIONS` between spaces, split at the last colon. vzctl looks /dev/NAME up on the host; here
 * the numbers come with the facts.
 */
export function parseDevnodes(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, / +/), readDevnode);
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'devnodes', nodes: [...taken] }, notes);
}

function readDevice(token: string): Device | string {
  const match = /^([bc]):(\d{1,6}):(\d{1,8}|all):(.+)$/.exec(token);
  if (!match) return 'not TYPE:MAJOR:MINOR:PERMISSIONS';
  const [, type, major, minor, permissions = ''] = match;
  const mode = readMode(permissions);
  if (mode === null) return 'permissions are letters of rwq, or none';
  if (Number(major) === LOOP_MAJOR) return 'loop devices are refused';
  return {
    type: type === 'b' ? 'block' : 'char',
    major: Number(major),
    minor: minor === 'all' ? null : Number(minor),
    mode,
  };
}

function readDevnode(token: string): Devnode | string {
  const colon = token.lastIndexOf(':');
  if (colon <= 0) return 'not NAME:PERMISSIONS';
  const mode = readMode(token.slice(colon + 1));
  return mode === null ? 'permissions are letters of rwq, or none' : { name: token.slice(0, colon), mode };
}

/** Letters in the order r, w, q, each once, as vzctl would write them back. */
function readMode(text: string): string | null {
  if (text === 'none') return '';
  if (!/^[rwq]{0,5}$/.test(text)) return null;
  return ['r', 'w', 'q'].filter((letter) => text.includes(letter)).join('');
}

const LOOP_MAJOR = 7;
