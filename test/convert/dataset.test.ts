import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZfsOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import type { OsctlContainer } from '../../lib/documents/documents.ts';
import type { Facts } from '../../lib/documents/facts.ts';
import type { VzError } from '../../lib/errors.ts';
import { convert, factsOf, warningCodes } from './samples.ts';

const NAME = 'vz/private/101';

function zfs(changes: Partial<ZfsOptions> = {}): { zfs: ZfsOptions } {
  return { zfs: { ...DEFAULT_OPTIONS.zfs, ...changes } };
}

function inDataset(subdir: string | null, changes: Partial<Facts> = {}, children: string[] = []): Facts {
  const mountpoint = '/vz/private/101';
  return factsOf({ dataset: { name: NAME, mountpoint, subdir, children }, ...changes });
}

function placeOf({ source }: OsctlContainer): (string | null)[] {
  return [source.layout, source.dataset, source.subdir];
}

function codesOf(container: OsctlContainer): string[] {
  return warningCodes(container).filter((code) => /ZFS|FLAG/.test(code));
}

function codeAndExit(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as VzError).code} ${(error as VzError).exit}`;
  }
  return 'none';
}

const VPSADMIN = { isZfs: true, dataset: 'vz/private/%{veid}', subdir: 'private' };

const FOUND: [string, Facts | null, Partial<ZfsOptions>, (string | null)[], string[]][] = [
  ['private/ of its dataset', inDataset('private'), {}, ['zfs', NAME, 'private'], []],
  ["its dataset's root", inDataset(null), {}, ['simfs', NAME, null], ['ZFS_LAYOUT']],
  ['another directory', inDataset('root/fs'), {}, ['simfs', NAME, 'root/fs'], ['ZFS_LAYOUT']],
  [
    'an image in it',
    inDataset('private', { layout: 'ploop' }),
    {},
    ['ploop', NAME, 'private'],
    ['ZFS_LAYOUT'],
  ],
  ['no dataset', factsOf(), {}, ['simfs', null, null], []],
  ['--zfs, and found', inDataset('private'), { isZfs: true }, ['zfs', NAME, 'private'], []],
  ['--zfs, other layout', inDataset(null), { isZfs: true }, ['simfs', NAME, null], ['ZFS_LAYOUT']],
  ['--no-zfs', inDataset('private'), { isZfs: false }, ['simfs', null, null], []],
  ['--no-zfs, no facts', null, { isZfs: false }, ['simfs', null, null], []],
  ['--zfs-dataset', null, { isZfs: true, dataset: 'tank/a b' }, ['zfs', 'tank/a b', 'private'], []],
  ['--vpsadmin', null, { isZfs: true, dataset: 'vz/private/%{veid}' }, ['zfs', NAME, 'private'], []],
  ['--vpsadmin, found', inDataset('private'), VPSADMIN, ['zfs', NAME, 'private'], []],
  [
    '--zfs-dataset and --zfs-subdir',
    factsOf(),
    { isZfs: true, dataset: NAME, subdir: 'fs' },
    ['simfs', NAME, 'fs'],
    ['ZFS_LAYOUT'],
  ],
  ['its root', null, { isZfs: true, dataset: NAME, subdir: '.' }, ['simfs', NAME, null], ['ZFS_LAYOUT']],
  [
    '--zfs-dataset, as it was found',
    inDataset(null),
    { isZfs: true, dataset: NAME },
    ['simfs', NAME, null],
    ['ZFS_LAYOUT'],
  ],
];

for (const [what, facts, options, place, codes] of FOUND) {
  test(`storage: ${what}`, () => {
    const container = convert('', zfs(options), { facts });
    assert.deepEqual(placeOf(container), place);
    assert.deepEqual(codesOf(container), codes);
  });
}

test('a layout that is exported as files is explained', () => {
  const textOf = (facts: Facts): string | undefined =>
    convert('', {}, { facts }).report.warnings.find(({ code }) => code === 'ZFS_LAYOUT')?.text;
  assert.equal(
    textOf(inDataset(null)),
    "the root filesystem is vz/private/101's root itself, not its private/: exported as files from a snapshot",
  );
  assert.equal(
    textOf(inDataset('fs')),
    'the root filesystem is fs/ of vz/private/101, not its private/: exported as files from a snapshot',
  );
  assert.equal(
    textOf(inDataset('private', { layout: 'ploop' })),
    'the ploop image lies in dataset vz/private/101: its files are exported',
  );
});

const REFUSED: [string, Facts | null, Partial<ZfsOptions>, string][] = [
  ['--zfs without a dataset', factsOf(), { isZfs: true }, 'DATASET_UNKNOWN 78'],
  ['--zfs without facts', null, { isZfs: true }, 'DATASET_UNKNOWN 78'],
  ['--zfs of a ploop container', inDataset('private', { layout: 'ploop' }), { isZfs: true }, 'ZFS_PLOOP 78'],
  ['another dataset', inDataset('private'), { isZfs: true, dataset: 'vz/private/102' }, 'DATASET_DIFFERS 78'],
  [
    'another directory',
    inDataset(null),
    { isZfs: true, dataset: NAME, subdir: 'private' },
    'SUBDIR_DIFFERS 78',
  ],
  ['a name for a shell', inDataset('private', {}, [`${NAME}/a b`]), {}, 'DATASET_NAME 78'],
];

for (const [what, facts, options, expected] of REFUSED) {
  test(`storage refused: ${what}`, () => {
    assert.equal(
      codeAndExit(() => convert('', zfs(options), { facts })),
      expected,
    );
  });
}

test('datasets below the own one come along, or are said to be left', () => {
  const children = [`${NAME}/var`, `${NAME}/var/lib`];
  const sent = convert('', {}, { facts: inDataset('private', {}, children) });
  assert.deepEqual([sent.source.layout, ...codesOf(sent)], ['zfs', 'ZFS_SUBDATASETS']);
  const asFiles = convert('', zfs({ isZfs: false }), { facts: inDataset('private', {}, children) });
  assert.deepEqual(codesOf(asFiles), ['ZFS_SUBDATASETS_LEFT']);
  const other = convert('', {}, { facts: inDataset(null, {}, [`${NAME}/a b`]) });
  assert.deepEqual(codesOf(other), ['ZFS_SUBDATASETS_LEFT', 'ZFS_LAYOUT']);
});

test('compressed send is kept for what is sent, and warned of elsewhere', () => {
  const compressedSend = true;
  const sent = convert('', zfs({ compressedSend }), { facts: inDataset('private') });
  assert.deepEqual([sent.source.compressedSend, ...codesOf(sent)], [true]);
  const files = convert('', zfs({ compressedSend }), { facts: factsOf() });
  assert.deepEqual([files.source.compressedSend, ...codesOf(files)], [false, 'FLAG_WITHOUT_EFFECT']);
});

test('the quota of a container in a dataset is a follow-up all the same', () => {
  const { followUps } = convert('DISKSPACE="1048576:1048576"', {}, { facts: inDataset('private') });
  assert.deepEqual(followUps, [{ do: 'refquota', bytes: String(1024 ** 3) }]);
});
