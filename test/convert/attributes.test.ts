import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf, convert, convertChecked, factsOf, fatesOf, warningCodes } from './samples.ts';

/** Without the one that says where it came from, which every container has. */
function attributesOf(config: string, facts: ReturnType<typeof factsOf> | null = null): object {
  const { 'vz2osctl:source': source, ...others } = convert(config, {}, { facts }).config.attrs;
  assert.equal(source, '101');
  return others;
}

test('what there is no place for becomes an attribute', () => {
  const config = `NAME="web 1"
DESCRIPTION="Shop%0Aof Žofie"
ORIGIN_SAMPLE="vswap-256m"
OSTEMPLATE="debian-7.0-x86_64"
STOP_TIMEOUT="60"
SEARCHDOMAIN="example.com example.net"
DISABLED="yes"`;
  assert.deepEqual(attributesOf(config), {
    'vz2osctl:name': 'web 1',
    'vz2osctl:description': 'Shop%0Aof Žofie',
    'vz2osctl:origin_sample': 'vswap-256m',
    'vz2osctl:ostemplate': 'debian-7.0-x86_64',
    'vz2osctl:stop_timeout': '60',
    'vz2osctl:searchdomain': 'example.com example.net',
    'vz2osctl:disabled': 'yes',
  });
});

test('empty texts are none', () => {
  const config = 'NAME=""\nDESCRIPTION=""\nORIGIN_SAMPLE=""\nOSTEMPLATE=""\nSEARCHDOMAIN=""\nDISABLED="no"';
  assert.deepEqual(attributesOf(config), {});
  assert.deepEqual(
    convert(config).report.ignored.filter(({ severity }) => severity !== 'info'),
    [],
  );
});

test('a name that vzctl does not know is none', () => {
  assert.deepEqual(attributesOf('NAME="web"', factsOf({ nameLink: false })), {});
  assert.deepEqual(attributesOf('NAME="web"', factsOf({ nameLink: true })), { 'vz2osctl:name': 'web' });
  assert.deepEqual(attributesOf('NAME="web"', factsOf()), { 'vz2osctl:name': 'web' });
});

for (const [what, text] of [
  ['an escape sequence', 'a\u001b[2Jb'],
  ['a tab', 'a\tb'],
  ['a C1 control', 'a\u009bb'],
  ['a right-to-left override', 'a\u202eb'],
  ['a line separator', 'a\u2028b'],
  ['1025 characters', 'x'.repeat(1025)],
] as const) {
  test(`not carried: ${what}`, () => {
    const container = convert(`DESCRIPTION="${text}"\nORIGIN_SAMPLE="${text}"\nOSTEMPLATE="${text}"`);
    assert.deepEqual(container.config.attrs, { 'vz2osctl:source': '101' });
    assert.match(fatesOf(container, 'DESCRIPTION')[0] ?? '', /^not carried/);
    assert.ok(warningCodes(container).includes('TEXT_NOT_CARRIED'));
  });
}

test('a text that is not UTF-8 is not carried', () => {
  const config = configOf(Buffer.from('DESCRIPTION="caf\xe9"\nSEARCHDOMAIN="\xe9.cz"', 'latin1'));
  const container = convertChecked(config);
  assert.deepEqual(container.config.attrs, { 'vz2osctl:source': '101' });
  assert.deepEqual(fatesOf(container, 'DESCRIPTION'), ['not carried: it is not UTF-8']);
});

test('search domains are lost where osctld writes resolv.conf', () => {
  const written = convert('SEARCHDOMAIN="example.com"\nNAMESERVER="198.51.100.1"');
  assert.equal(written.config.attrs['vz2osctl:searchdomain'], 'example.com');
  const [warning] = written.report.warnings.filter(({ code }) => code === 'SEARCHDOMAIN_LOST');
  assert.equal(warning?.severity, 'major');
  assert.match(warning?.text ?? '', /example\.com/);
  const [item] = written.report.consumed.filter(({ key }) => key === 'SEARCHDOMAIN');
  assert.deepEqual([item?.fate, item?.severity], ['approximated', 'major']);
  const left = convert('SEARCHDOMAIN="example.com"');
  assert.ok(!warningCodes(left).includes('SEARCHDOMAIN_LOST'));
  assert.match(fatesOf(left, 'SEARCHDOMAIN')[0] ?? '', /resolv\.conf stays$/);
});

test('search domains that are inherited are those of the node, where they are known', () => {
  const base = factsOf();
  const facts = factsOf({ node: { ...base.node, searchDomains: ['node.example', 'example.com'] } });
  const config = 'SEARCHDOMAIN="inherit"';
  assert.deepEqual(attributesOf(config, facts), { 'vz2osctl:searchdomain': 'node.example example.com' });
  assert.deepEqual(attributesOf(config, base), {});
  assert.deepEqual(attributesOf(config), {});
  assert.match(
    fatesOf(convert(config, {}, { facts: base }), 'SEARCHDOMAIN')[0] ?? '',
    /has no search domains/,
  );
  const lost = convert(`${config}\nNAMESERVER="198.51.100.1"`).report.ignored;
  assert.equal(lost.find(({ key }) => key === 'SEARCHDOMAIN')?.severity, 'minor');
});

for (const [seconds, severity, isKept] of [
  ['60', 'info', true],
  ['300', 'info', true],
  ['301', 'minor', true],
  ['0', 'info', false],
] as const) {
  test(`STOP_TIMEOUT ${seconds} is ${severity}`, () => {
    const { report, config } = convert(`STOP_TIMEOUT="${seconds}"`);
    assert.equal(config.attrs['vz2osctl:stop_timeout'], isKept ? seconds : undefined);
    assert.equal([...report.consumed, ...report.ignored][0]?.severity, severity);
    assert.match(fatesOf(convert(`STOP_TIMEOUT="${seconds}"`), 'STOP_TIMEOUT')[0] ?? '', /waits 300 seconds/);
  });
}
