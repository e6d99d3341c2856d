import { parseAddresses } from '../values/addresses.ts';
import { parseDevices, parseDevnodes } from '../values/devices.ts';
import { parseNetif } from '../values/netif.ts';
import { parseCpuLimit, parseInteger, parseIoLimit, parseLimits, parseMeminfo } from '../values/numeric.ts';
import { parseCapabilities, parseFeatures } from '../values/switches.ts';
import {
  parseChoice,
  parseFlag,
  parseFloat10,
  parseLayout,
  parseMask,
  parseName,
  parsePath,
  parseText,
} from '../values/text.ts';
import { parseIptables, parseNames, parseNetdev, parsePci } from '../values/words.ts';
import type { Reader } from './parameter.ts';

export const text: Reader = { form: 'text', parse: parseText };
export const flag: Reader = { form: '`yes`, `no`', parse: parseFlag };
export const name: Reader = { form: 'letters, digits, space and `- + _ .`', parse: parseName };
export const path: Reader = { form: 'path, the first `$VEID` is the id', parse: parsePath };
export const decimalFraction: Reader = { form: 'decimal fraction', parse: parseFloat10 };
export const layout: Reader = { form: '`simfs`, `ploop[:MODE]`', parse: parseLayout };

export const integer: Reader = { form: 'integer', parse: parseInteger() };
export const integerOrUnlimited: Reader = {
  form: 'integer, `unlimited`',
  parse: parseInteger({ word: true }),
};
/** What a C int holds. */
export const int: Reader = { form: 'integer', parse: parseInteger({ max: 2n ** 31n - 1n }) };
export const ioPriority: Reader = { form: '0 to 7', parse: parseInteger({ max: 7n }) };
export const cpuUnits: Reader = { form: '8 to 500000', parse: parseInteger({ min: 8n, max: 500_000n }) };
export const cpuLimit: Reader = { form: 'percent of a CPU, `N%` of the host', parse: parseCpuLimit };
export const cpuMask: Reader = { form: '`0-2,7`, `all`, `auto`', parse: parseMask(true) };
export const nodeMask: Reader = { form: '`0-2,7`, `all`', parse: parseMask(false) };

export const pages: Reader = { form: 'BARRIER:LIMIT, pages', parse: parseLimits('pages') };
export const bytes: Reader = { form: 'BARRIER:LIMIT, bytes', parse: parseLimits('bytes') };
export const items: Reader = { form: 'BARRIER:LIMIT', parse: parseLimits('items') };
export const kib: Reader = { form: 'SOFT:HARD, KiB', parse: parseLimits('kib') };
export const inodes: Reader = { form: 'SOFT:HARD, inodes', parse: parseLimits('inodes') };
export const meminfo: Reader = { form: '`none`, `pages:N`, `privvmpages:N`', parse: parseMeminfo };
export const ioRate: Reader = { form: 'bytes a second', parse: parseIoLimit };

export const addresses: Reader = { form: 'addresses', parse: parseAddresses };
export const names: Reader = { form: 'words, or `inherit` first', parse: parseNames };
export const netif: Reader = { form: 'interfaces of `field=value`', parse: parseNetif };
export const hostInterfaces: Reader = { form: 'interfaces of the host', parse: parseNetdev };
export const modules: Reader = { form: 'module names', parse: parseIptables };
export const netfilter: Reader = {
  form: '`disabled`, `stateless`, `stateful`, `full`',
  parse: parseChoice(['disabled', 'stateless', 'stateful', 'full']),
};

export const devices: Reader = { form: '`b\\|c:MAJOR:MINOR\\|all:PERMS`', parse: parseDevices };
export const devnodes: Reader = { form: '`NAME:PERMS`', parse: parseDevnodes };
export const pci: Reader = { form: '`[DOMAIN:]BUS:SLOT.FUNC`', parse: parsePci };
export const capabilities: Reader = { form: '`NAME:on\\|off`', parse: parseCapabilities };
export const features: Reader = { form: '`name:on\\|off`', parse: parseFeatures };
