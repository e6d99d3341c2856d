import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLines, writeDocument } from '../../lib/documents/ndjson.ts';
import { jsonSchema, validateDocument } from '../../lib/documents/validate.ts';
import { VzError } from '../../lib/errors.ts';
import { sampleDocument } from '../support/sample-document.ts';
import { sampleMigration } from '../support/sample-migration.ts';

const minimal = {
  kind: 'vz-config',
  schema: 1,
  ctid: '101',
  source: { host: null, path: null, files: [] },
  items: [],
  facts: null,
  warnings: [],
};

const BAD: readonly [string, unknown, string][] = [
  [
    'another kind',
    { ...minimal, kind: 'osctl-container' },
    'line 1: kind: expected vz-config, got "osctl-container"; vz-parse-config writes these',
  ],
  ['no kind', {}, 'line 1: kind: expected vz-config, got nothing; vz-parse-config writes these'],
  [
    'a newer schema',
    { ...minimal, schema: 2 },
    'line 1: schema: 2 is newer than the 1 that this version reads; update vz2osctl',
  ],
  ['an unknown field', { ...minimal, extra: 1 }, 'line 1: Unrecognized key: "extra"'],
  [
    'a field of the wrong type',
    { ...minimal, items: [{}] },
    'line 1: items[0].key: Invalid input: expected string, received undefined',
  ],
  ['an id with zeros in front', { ...minimal, ctid: '0101' }, 'line 1: ctid: expected a container id'],
  ['the host itself', { ...minimal, ctid: '0' }, 'line 1: ctid: expected a container id'],
  ['an array', [], 'line 1: expected a vz-config document'],
];
for (const [name, value, message] of BAD) {
  test(`refuses ${name}, naming the field`, () => {
    assert.throws(
      () => validateDocument(value, 'vz-config', 'line 1'),
      (error: VzError) => error.exit === 65 && error.line === message,
    );
  });
}

test('a document that was made before there were nodes, blockers and offline sources is taken', () => {
  const { node: _, blockers: __, ...old } = sampleDocument();
  const { offline: ___, ...source } = old.source;
  const { offline, ...read } = validateDocument({ ...old, source }, 'osctl-container', 'line 1').source;
  assert.deepEqual([offline, read.host], [null, null]);
  assert.deepEqual(validateDocument({ ...old, source }, 'osctl-container', 'line 1').blockers, []);
});

test('any JSON value is a document or a typed error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.throws(() => validateDocument(value, 'osctl-container', 'line 1'), VzError);
    }),
  );
});

test('any text for a follow-up is taken or refused, and throws nothing else: BigInt saw "10G"', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant('10G; reboot'), fc.string(), fc.jsonValue()), (bytes) => {
      const document = { ...sampleDocument(), followUps: [{ do: 'refquota', bytes }] };
      try {
        validateDocument(document, 'osctl-container', 'line 1');
      } catch (error) {
        assert.ok(error instanceof VzError, String(error));
        assert.match(error.message, /^line 1: followUps\[0\]\.bytes: /);
      }
    }),
  );
});

test('every kind has a JSON Schema', () => {
  for (const kind of ['vz-config', 'osctl-container', 'vz-error', 'vz-migration'] as const) {
    assert.match(JSON.stringify(jsonSchema(kind)), new RegExp(`"const":"${kind}"`));
  }
});

test('the state of a migration is read back as it is, and a name or token that could do something is none', () => {
  const token = '0123456789abcdef0123456789abcdef01234567';
  const { target, source, sync, destination } = sampleMigration();
  const full = sampleMigration({ target: target && { ...target, token, protocol: 2 } });
  assert.deepEqual(validateDocument(JSON.parse(JSON.stringify(full)), 'vz-migration', 'line 1'), full);
  const dataset = { name: '', confirmed: null, doubtful: null };
  for (const [field, change] of [
    ['id', { id: '101' }],
    ['step', { step: 'done' }],
    ['revision', { revision: -1 }],
    ['target.token', { target: { ...target, token: `${token}; reboot` } }],
    ['target.id', { target: { ...target, id: '../101' } }],
    ['source.snapshots[0]', { source: { ...source, snapshots: ['a@b'] } }],
    ['sync.datasets[0].doubtful', { sync: { ...sync, datasets: [{ ...dataset, doubtful: '-r x' }] } }],
    ['destination.host.name', { destination: { ...destination, host: { ...destination.host, name: '-x' } } }],
    ['doing.since', { doing: { effect: 'x', since: 'now' } }],
  ] as const) {
    assert.throws(
      () => validateDocument({ ...sampleMigration(), ...change }, 'vz-migration', 'line 1'),
      (error: VzError) => error.exit === 65 && error.message.startsWith(`line 1: ${field}: `),
      field,
    );
  }
});

async function read(text: string): Promise<object[]> {
  const values: object[] = [];
  for await (const { value } of readLines(Readable.from([Buffer.from(text)]))) values.push(value);
  return values;
}

test('NDJSON: blank lines are skipped, the last newline may be missing', async () => {
  assert.deepEqual(await read('{"a":1}\n\n  \n{"b":"\\n"}'), [{ a: 1 }, { b: '\n' }]);
});

for (const [text, message] of [
  ['{"a":1}\nnull\n', /line 2: expected a JSON object/],
  ['[1]\n', /line 1: expected a JSON object/],
  ['\n{"a":', /line 2: not JSON/],
] as const) {
  test(`NDJSON refuses ${JSON.stringify(text)}`, async () => {
    await assert.rejects(read(text), (error: VzError) => error.exit === 65 && message.test(error.message));
  });
}

test('NDJSON: what is written is read back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }),
      async (documents) => {
        const pipe = new PassThrough();
        const reading = (async () => {
          const values: object[] = [];
          for await (const { value } of readLines(pipe)) values.push(value);
          return values;
        })();
        for (const document of documents) await writeDocument(pipe, document);
        pipe.end();
        assert.deepEqual(JSON.stringify(await reading), JSON.stringify(documents));
      },
    ),
    { numRuns: 50 },
  );
});

test('a failure that another program reports is never taken for success', () => {
  for (const exit of [0, 256, -1, 1.5]) {
    const document = {
      kind: 'vz-error',
      schema: 1,
      ctid: '101',
      program: 'x',
      code: 'X',
      exit,
      message: 'm',
    };
    assert.throws(() => validateDocument(document, 'vz-error', 'line 1'), /exit: /, String(exit));
  }
});

test('a document cannot make ssh run a command, read a file or trust a key: harmless options, no names that begin with a dash', () => {
  const host = {
    client: 'openssh',
    user: null,
    name: 'vz6',
    port: null,
    identity: null,
    legacy: false,
    options: [],
  };
  const withHost = (changes: object): object => ({
    ...minimal,
    source: { ...minimal.source, host: { ...host, ...changes } },
  });
  validateDocument(
    withHost({ user: 'root', port: 2222, identity: '/root/.ssh/id_rsa' }),
    'vz-config',
    'line 1',
  );
  const options = ['Port=2222', 'ProxyJump=me@jump:22', 'Ciphers=+aes128-cbc,aes256-cbc', 'Compression=yes'];
  validateDocument(withHost({ options }), 'vz-config', 'line 1');
  for (const changes of [
    ...[
      'ProxyCommand=touch /tmp/x',
      'Match=exec touch',
      'LocalCommand=x',
      'PermitLocalCommand=yes',
      'KnownHostsCommand=x',
      'UserKnownHostsFile=/tmp/x',
      'GlobalKnownHostsFile=/tmp/x',
      'IdentityFile=/tmp/x',
      'IdentityAgent=/tmp/x',
      'Include=/tmp/x',
      'HostKeyAlias=other',
      'StrictHostKeyChecking=no',
      'VerifyHostKeyDNS=yes',
      'ProxyJump=a,b',
      'ProxyJump=-x',
      'ProxyJump=%h',
      'Port=22\nProxyCommand=x',
      'Port=22 ProxyCommand=x',
      'port=22',
      'Port 22',
      'Port=22\n',
      'User=-x',
      'User=a b',
      'SendEnv=*',
      'ForwardAgent=yes',
      'ControlPath=/tmp/x',
    ].map((option) => ({ options: [option] })),
    { name: '-oProxyCommand=x' },
    { name: 'a b' },
    { user: '-x' },
    { user: 'a\nb' },
    { identity: '-x' },
    { identity: 'a\nb' },
  ]) {
    assert.throws(
      () => validateDocument(withHost(changes), 'vz-config', 'line 1'),
      /source\.host\./,
      JSON.stringify(changes),
    );
  }
});
