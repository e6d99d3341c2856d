import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprint, hashHost, namesHost, parseKnownHosts } from '../../../lib/host/builtin/known-hosts.ts';
import { needs } from '../../support/needs.ts';
import { makeKey, publicKey } from '../../support/sshd.ts';

test('names and patterns: the same lines as ssh-keygen -F finds', (t) => {
  if (!needs(t, 'ssh-keygen')) return;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-known-'));
  t.after(() => rmSync(dir, { recursive: true }));
  makeKey(join(dir, 'key'), 'ed25519');
  const key = publicKey(join(dir, 'key'));
  const hosts = [
    'node',
    'Node.Example.COM',
    'a,b,c',
    '*.example.com',
    '*.example.com,!secret.example.com',
    '!secret.example.com,*.example.com',
    '!*',
    'n?de',
    '[node]:2222',
    '[*.example.com]:2222',
    '192.0.2.*',
    '2001:db8::1',
    '*',
    'a.b',
    'n+de',
    hashHost('node', Buffer.alloc(20, 7)),
    hashHost('[node]:2222', Buffer.alloc(20, 9)),
    '|1|bm90aGluZw==',
    '|2|AAAA|AAAA',
  ];
  const names = [
    'node',
    'node.example.com',
    'secret.example.com',
    'b',
    '[node]:2222',
    '[x.example.com]:2222',
  ];
  names.push('192.0.2.7', '2001:db8::1', 'axb', 'nde', 'NODE');
  const file = join(dir, 'known_hosts');
  for (const word of hosts) {
    writeFileSync(file, `${word} ${key}\n`);
    const [line] = parseKnownHosts(readFileSync(file, 'utf8'), file);
    assert.ok(line);
    for (const name of names) {
      const found = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
      assert.equal(namesHost(line.hosts, name), found.status === 0, `${word} for ${name}`);
    }
  }
});

test('a file that ssh-keygen has hashed is read, and fingerprints are as it prints them', (t) => {
  if (!needs(t, 'ssh-keygen')) return;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-known-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'known_hosts');
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    makeKey(join(dir, type), type);
    writeFileSync(file, `node ${publicKey(join(dir, type))} a comment\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const [line] = parseKnownHosts(readFileSync(file, 'utf8'), file);
    assert.ok(line);
    assert.match(line.hosts, /^\|1\|/);
    assert.ok(namesHost(line.hosts, 'node'));
    assert.ok(!namesHost(line.hosts, 'other'));
    const shown = execFileSync('ssh-keygen', ['-lf', join(dir, type)], { encoding: 'utf8' }).split(' ')[1];
    assert.equal(fingerprint(line.key), shown);
  }
});

test('what is no line with a key is left out, and never trusted', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBMKh0KvzZaZHpbZ7cGhE7sHBkbSxVs0A0uWmRD3G2WZ';
  const [, base64 = ''] = key.split(' ');
  const text = [
    '# node a comment',
    `#node ${key}`,
    '',
    'node',
    'node ssh-ed25519',
    'node 1024 35 123456789',
    `node ssh-rsa ${base64}`,
    'node ssh-ed25519 !!!!',
    'node ssh-ed25519 AAAA',
    `@unknown node ${key}`,
    `  @revoked node ${key}`,
    `\t@cert-authority *.example.com ${key}\r`,
    `node ${key}`,
  ].join('\n');
  const lines = parseKnownHosts(text, 'f');
  assert.deepEqual(
    lines.map(({ marker, place }) => [marker, place]),
    [
      ['revoked', 'f:11'],
      ['cert-authority', 'f:12'],
      ['none', 'f:13'],
    ],
  );
});
