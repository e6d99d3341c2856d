import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { usedItems } from '../../lib/documents/effective.ts';
import type { ConfigItem } from '../../lib/documents/vz-config.ts';
import { parseConfig } from '../../lib/vz/parse-config.ts';

/** Tests run in the root of the repository; INDEX.md there says where each file is from. */
const CORPUS = 'test/fixtures/openvz-conf';

function parse(
  file: string,
  pageSize = 4096,
): { items: ConfigItem[]; warnings: readonly { code: string }[] } {
  const container = readFileSync(join(CORPUS, file));
  const global = readFileSync(join(CORPUS, 'kolyshkin_vzctl_vz.conf'));
  return parseConfig({ ctid: '101', container, global, pageSize });
}
const of = (file: string, origin: ConfigItem['origin'] = 'container') =>
  parse(file).items.filter((item) => item.origin === origin);
const invalid = (file: string) =>
  of(file)
    .filter(({ state }) => state === 'invalid')
    .map(({ key }) => key);
const value = (file: string, key: string) => usedItems(parse(file), key)[0]?.value;

describe('real configs', () => {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith('.conf'));

  it('are all there', () => assert.equal(files.length, 40));

  for (const file of files) {
    it(`${file}: every line is accounted for`, () => {
      const lines = readFileSync(join(CORPUS, file), 'latin1').split('\n');
      const expected = lines.flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [index + 1]));
      assert.deepEqual(
        of(file).map(({ line }) => line),
        expected,
      );
      assert.ok(of(file).every(({ state, value: typed }) => state !== 'used' || typed !== null));
    });
  }

  it('hold few values that vzctl refuses', () => {
    const found = Object.fromEntries(
      files.map((file) => [file, invalid(file)]).filter(([, keys]) => keys?.length),
    );
    assert.deepEqual(found, EXPECTED_INVALID);
  });

  it('read as their index says', () => {
    const limits = (unit: string, barrier: string, limit = barrier) => ({
      type: 'limits',
      unit,
      barrier,
      limit,
    });
    const rows: readonly (readonly [string, string, unknown])[] = [
      ['kolyshkin_vzctl_ve-basic.conf', 'PHYSPAGES', limits('pages', '0', 'unlimited')],
      ['kolyshkin_vzctl_3.0.23_ve-vps.basic.x86.conf', 'VMGUARPAGES', limits('pages', '33792', 'unlimited')],
      ['kolyshkin_vzctl_ve-vswap-256m.conf', 'VE_PRIVATE', { type: 'text', text: '/vz/private/101' }],
      ['Fusl_ovz7-on-rbd_ve-default.conf', 'DISK_QUOTA', { type: 'flag', on: false }],
      ['Fusl_ovz7-on-rbd_ve-default.conf', 'PHYSPAGES', limits('pages', '8388608')],
      ['opennode_opennode-tui_vzcfg.conf', 'PHYSPAGES', limits('pages', '131072')],
      ['opennode_opennode-tui_vzcfg.conf', 'DISKINODES', limits('inodes', '2000000', '2200000')],
      ['proxmox_pve-manager_base.conf', 'DISKSPACE', limits('kib', 'unlimited')],
      ['vpsfreecz_vpsadmininstall_base-privvmpages.conf', 'OOMGUARPAGES', limits('pages', 'unlimited')],
      [
        'vpsfreecz_vpsadmininstall_base-privvmpages.conf',
        'QUOTAUGIDLIMIT',
        { type: 'integer', number: '1000' },
      ],
    ];
    for (const [file, key, expected] of rows) assert.deepEqual(value(file, key), expected, `${file} ${key}`);
  });

  it('the shipped vz.conf gives no warning, and its layout and nothing else is discarded', () => {
    const { items, warnings } = parse('kolyshkin_vzctl_ve-vswap-256m.conf');
    assert.deepEqual(warnings, []);
    const discarded = items.filter(({ state }) => state === 'discarded').map(({ key }) => key);
    assert.deepEqual(discarded, ['VE_LAYOUT']);
  });
});

const EXPECTED_INVALID: Record<string, string[]> = {
  'opennode_opennode-tui_vzcfg.conf': ['CPULIMIT'],
};
