import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import { readNodeState } from '../../lib/osctl/node-state.ts';
import { readPoolState } from '../../lib/osctl/pool-state.ts';
import { parseSections } from '../../lib/osctl/sections.ts';

const section = (name: string, output: string, code = 0, message = ''): string =>
  `>> ${name}\n${output}\n<< ${code} ${message}\n`;

const POOLS = section('pools', '[{"name":"tank","dataset":"tank","state":"active","users":1}]');

test('sections keep outputs apart, with or without a last newline', () => {
  const text = section('a', 'one\ntwo\n') + section('b', '', 1, 'error: x') + section('c', 'three');
  assert.deepEqual(
    [...parseSections(text)],
    [
      ['a', { output: 'one\ntwo', code: 0, message: '' }],
      ['b', { output: '', code: 1, message: 'error: x' }],
      ['c', { output: 'three', code: 0, message: '' }],
    ],
  );
});

test('a node that says all', () => {
  const state = readNodeState(
    parseSections(
      POOLS +
        section('container', '{"pool":"tank","id":"101","state":"running","new_field":{}}') +
        section('users', '[{"name":"101","pool":"tank"}]') +
        section('groups', '[{"name":"/default"}]') +
        section('assigned', '[{"pool":"tank","ctid":"7","netif":"eth0","version":4,"addr":"192.0.2.9/24"}]') +
        section(
          'routed',
          '[{"ctid":"8","netif":"eth0","addr":"2001:DB8::8/128"},{"ctid":"8","netif":"eth0","addr":"10.1.0.0/16"}]',
        ) +
        section('links', '1: lo: <LOOPBACK>\n3: veth1@if2: <UP>\n4: lxcbr0: <UP>') +
        section('routes', 'default via 192.0.2.1 dev eth0\n203.0.113.7 dev veth1\n10.0.0.0/8 dev x') +
        section('routes6', '2001:DB8:0::7 dev veth1\nfe80::/64 dev eth0') +
        section('addresses', '2: eth0    inet 192.0.2.5/24 brd 192.0.2.255 scope global eth0'),
    ),
    'node',
    '101',
  );
  assert.equal(state.container?.state, 'running');
  assert.deepEqual(
    [state.users, state.groups, state.links],
    [[{ name: '101', pool: 'tank' }], [{ name: '/default' }], ['lo', 'veth1', 'lxcbr0']],
  );
  assert.deepEqual(
    state.addresses.known.map(({ address, where }) => `${address} ${where}`),
    [
      '203.0.113.7 a route of the node',
      '2001:db8::7 a route of the node',
      '192.0.2.5 the node itself',
      '192.0.2.9 container 7',
      '2001:db8::8 container 8',
    ],
  );
  assert.deepEqual(state.addresses.unknown, []);
});

test('a node that says little', () => {
  const state = readNodeState(
    parseSections(
      POOLS + section('container', '', 1, 'error: container not found') + section('users', 'oops'),
    ),
    'node',
    '101',
  );
  assert.deepEqual([state.container, state.users, state.links], [null, null, null]);
  assert.deepEqual(state.addresses, {
    known: [],
    unknown: ['of its containers', 'of the node itself'],
  });
});

test('a node that cannot answer is an error', () => {
  const locked = POOLS + section('container', '', 1, 'error: container tank:101 is held by ct_import');
  for (const [text, exit] of [
    [section('pools', '', 127, 'sh: osctl: not found'), 69],
    [section('pools', '{}'), 69],
    [POOLS + section('container', '', 1, 'error: internal error'), 69],
    [locked, 75],
    ['', 69],
  ] as const) {
    assert.throws(
      () => readNodeState(parseSections(text), 'node', '101'),
      (error) => error instanceof VzError && error.exit === exit,
      text,
    );
  }
});

test('a pool', () => {
  const df = 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntank 100 20 80 20% /tank';
  const text =
    section('available', '123') +
    section('dataset', '', 1, 'dataset does not exist') +
    section('spool', '/tank') +
    section('writable', '') +
    section('filesystem', 'zfs') +
    section('free', df);
  assert.deepEqual(readPoolState(parseSections(text), 'node'), {
    availableBytes: 123n,
    spoolDir: '/tank',
    spoolWritable: true,
    spoolFilesystem: 'zfs',
    spoolFreeBytes: 81920n,
    datasetExists: false,
    configFile: null,
    importRuns: false,
  });
  assert.throws(() => readPoolState(parseSections(section('spool', 'legacy')), 'node'), VzError);
});
