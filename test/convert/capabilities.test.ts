import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert } from './samples.ts';

const ROWS: readonly (readonly [string, string, string, RegExp])[] = [
  ['NET_ADMIN:on', 'converted', 'info', /^NET_ADMIN: there within its user namespace$/],
  ['net_admin:on SETPCAP:on', 'converted', 'info', /^NET_ADMIN, SETPCAP: there/],
  ['SYS_ADMIN:on', 'approximated', 'minor', /own namespaces only/],
  ['SYS_MODULE:on', 'dropped', 'major', /load it on the node/],
  ['SYS_RAWIO:on', 'dropped', 'major', /raw access/],
  ['SYS_TIME:on', 'dropped', 'major', /clock/],
  ['MKNOD:on', 'dropped', 'major', /device nodes/],
  ['SYS_PACCT:on', 'dropped', 'minor', /accounting/],
  ['VE_ADMIN:on', 'dropped', 'info', /OpenVZ kernel/],
  ['NET_ADMIN:on,SYS_TIME:on', 'dropped', 'major', /^SYS_TIME: .*; NET_ADMIN: there/],
  ['CHOWN:off', 'dropped', 'minor', /not taken away/],
  ['NET_RAW:off', 'dropped', 'minor', /not taken away/],
  ['NET_ADMIN:off', 'dropped', 'info', /as by default/],
  ['SYS_TIME:off', 'dropped', 'info', /not there either/],
  ['MKNOD:off', 'dropped', 'info', /not there either/],
];

for (const [value, fate, severity, words] of ROWS) {
  test(`CAPABILITY ${value} is ${fate}, ${severity}`, () => {
    const { consumed, ignored } = convert(`CAPABILITY="${value}"`).report;
    assert.deepEqual(
      [...consumed, ...ignored].map((item) => [item.fate, item.severity]),
      [[fate, severity]],
    );
    assert.match(consumed[0]?.became ?? ignored[0]?.reason ?? '', words);
  });
}
