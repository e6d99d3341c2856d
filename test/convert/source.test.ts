import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertContainer } from '../../lib/convert/convert.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import type { VzError } from '../../lib/errors.ts';
import { configOf, convert, factsOf, fatesOf, warningCodes } from './samples.ts';

test('paths come from the config, with $VEID in them, or from what was found', () => {
  const { source } = convert('VE_PRIVATE="/vz/private/$VEID"\nVE_ROOT="/vz/root/$VEID"');
  assert.deepEqual([source.privatePath, source.rootPath], ['/vz/private/101', '/vz/root/101']);
  const found = convert('VE_PRIVATE="/old/$VEID"', {}, { facts: factsOf() });
  assert.equal(found.source.privatePath, '/vz/private/101');
  assert.ok(warningCodes(convert('')).includes('PRIVATE_UNKNOWN'));
});

const LAYOUTS = [
  ['VE_LAYOUT="ploop"', null, 'ploop', undefined],
  ['VE_LAYOUT="simfs"', factsOf(), 'simfs', undefined],
  ['VE_LAYOUT="ploop"', factsOf({ layout: 'ploop' }), 'ploop', undefined],
  ['VE_LAYOUT="ploop"', factsOf({ layout: null }), 'ploop', undefined],
  // A file that the root user of the container can make does not make it a ploop one.
  ['VE_LAYOUT="simfs"', factsOf({ layout: 'ploop' }), 'simfs', 'LAYOUT_DIFFERS'],
  ['', factsOf({ layout: 'ploop' }), 'ploop', undefined],
  ['', factsOf({ layout: null }), 'simfs', 'LAYOUT_UNKNOWN'],
  ['', null, 'simfs', 'LAYOUT_UNKNOWN'],
] as const;

for (const [config, facts, layout, code] of LAYOUTS) {
  test(`layout of ${JSON.stringify(config)}, found: ${facts?.layout}`, () => {
    const container = convert(config, {}, { facts });
    assert.equal(container.source.layout, layout);
    assert.equal(
      warningCodes(container).find((one) => one.startsWith('LAYOUT')),
      code,
    );
  });
}

test('a ploop container whose image is missing is refused, not packed as an empty tree', () => {
  assert.throws(
    () => convert('VE_LAYOUT="ploop"', {}, { facts: factsOf({ layout: 'simfs' }) }),
    ({ code, exit, where }: VzError) => code === 'PLOOP_IMAGE_MISSING' && exit === 78 && where === 'ct 101',
  );
});

test("vz.conf's VE_LAYOUT is for new containers only", () => {
  const container = convert('', {}, { global: 'VE_LAYOUT=ploop', facts: factsOf() });
  assert.equal(container.source.layout, 'simfs');
  assert.equal(fatesOf(container, 'VE_LAYOUT').length, 1);
});

test('where it came from is kept as an attribute', () => {
  const config = configOf('');
  const host = {
    ...{ client: 'openssh' as const, user: 'root', name: 'vz6', port: 22 },
    ...{ identity: null, legacy: false, options: [] },
  };
  const remote = convertContainer({ ...config, source: { ...config.source, host } }, DEFAULT_OPTIONS);
  assert.deepEqual(remote.config.attrs, { 'vz2osctl:source': 'root@vz6:101' });
  assert.deepEqual(remote.source.host, host);
  assert.deepEqual(convert('').config.attrs, { 'vz2osctl:source': '101' });
});

test('data outside of the private area is warned of', () => {
  assert.ok(warningCodes(convert('BINDMOUNT="/data,/mnt"')).includes('DATA_OUTSIDE'));
});

test('an id that osctld cannot name a user after is warned of', () => {
  const user = { name: 'web', uidMap: ['0:666000:65536'] };
  assert.ok(warningCodes(convert('', { id: 'Web1' })).includes('ID_NO_USER'));
  assert.ok(warningCodes(convert('', { id: 'x'.repeat(24) })).includes('ID_NO_USER'));
  assert.ok(!warningCodes(convert('', { id: 'Web1', user })).includes('ID_NO_USER'));
  assert.ok(!warningCodes(convert('', { id: 'web-1' })).includes('ID_NO_USER'));
  assert.deepEqual(convert('', { user, group: '/web' }).user, { ...user, gidMap: user.uidMap });
});
