import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from './needs.ts';
import { startOpenVzNode } from './nodes.ts';

test('a node starts with container 101 running, and stop and start change its status', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  assert.equal(node.status(), 'CTID 101 exist mounted running');
  assert.equal(node.vzctl('stop', '101').code, 0);
  assert.equal(node.status(), 'CTID 101 exist unmounted down');
  const again = node.vzctl('stop', '101');
  assert.deepEqual([again.code, again.stderr], [0, 'Container is not running\n']);
  assert.equal(node.vzctl('start', '101').code, 0);
  assert.equal(node.status(), 'CTID 101 exist mounted running');
  assert.deepEqual(
    node.log().map(({ verb, what }) => `${verb} ${what}`),
    ['stop begin', 'stop end 0', 'stop begin', 'stop end 0', 'start begin', 'start end 0'],
  );
});

test('every verb has the exit codes of vzctl', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const expectCode = (code: number, message: RegExp, ...args: string[]): void => {
    const result = node.vzctl(...args);
    assert.equal(result.code, code, args.join(' '));
    assert.match(result.stdout + result.stderr, message, args.join(' '));
  };
  expectCode(0, /^CTID 999 deleted unmounted down$/m, 'status', '999');
  expectCode(0, /^CTID 101 exist mounted running$/m, 'status', 'web1');
  expectCode(21, /^Bad CT ID nobody$/m, 'status', 'nobody');
  expectCode(14, /config file does not exist/, 'stop', '999');
  expectCode(20, /Bad command: frobnicate/, 'frobnicate', '101');
  expectCode(32, /already running/, 'start', '101');
  expectCode(32, /running/, 'umount', '101');
  expectCode(32, /currently running/, 'destroy', '101');
  expectCode(0, /already mounted/, 'mount', '101');
  expectCode(8, /^$/, 'exec', '101', 'exit', '3');
  expectCode(3, /^$/, 'exec2', '101', 'exit', '3');
  expectCode(0, /stopped/, 'stop', '101', '--skip-umount');
  expectCode(0, /^CTID 101 exist mounted down$/m, 'status', '101');
  expectCode(41, /currently mounted/, 'destroy', '101');
  expectCode(31, /not running/, 'exec', '101', 'true');
  expectCode(0, /unmounted/, 'umount', '101');
  expectCode(40, /not mounted/, 'umount', '101');
  expectCode(21, /Bad parameter for --onboot/, 'set', '101', '--onboot', 'auto', '--save');
  expectCode(0, /configuration saved/, 'set', '101', '--onboot', 'no', '--disabled', 'yes', '--save');
  expectCode(105, /start disabled/, 'start', '101');
  expectCode(0, /start in progress/, 'start', '101', '--force');
  expectCode(0, /stopped/, 'stop', '101', '--fast');
  rmSync(node.privatePath, { recursive: true });
  expectCode(0, /^CTID 101 deleted unmounted down$/m, 'status', '101');
  expectCode(43, /private area .* does not exist/, 'start', '101', '--force');
});

test('set --save replaces the line in column one, and a name gets its link', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const conf = join(node.confDir, '101.conf');
  assert.equal(node.vzctl('set', '101', '--onboot', 'no').code, 0);
  assert.match(readFileSync(conf, 'utf8'), /^ONBOOT="yes"$/m);
  assert.equal(node.vzctl('set', '101', '--onboot', 'no', '--name', 'old web', '--save').code, 0);
  assert.match(readFileSync(conf, 'utf8'), /^ONBOOT="no"$/m);
  assert.equal(readlinkSync(join(node.dir, 'etc/vz/names/old web')), conf);
  assert.ok(!existsSync(join(node.dir, 'etc/vz/names/web1')));
});

test('a live lock gives 9, a stale one is taken over, --skiplock passes by', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const lock = join(node.dir, 'lock/101.lck');
  writeFileSync(lock, `${process.pid}\n`);
  const locked = node.vzctl('stop', '101');
  assert.deepEqual([locked.code, locked.stderr], [9, 'Container already locked\n']);
  assert.equal(node.vzctl('status', '101').code, 0);
  assert.equal(node.vzctl('exec', '101', 'true').code, 0);
  assert.equal(node.vzctl('--skiplock', 'stop', '101').code, 0);
  assert.ok(existsSync(lock));
  const gone = spawnSync('true').pid;
  writeFileSync(lock, `${gone}\n`);
  assert.equal(node.vzctl('start', '101').code, 0);
  assert.ok(!existsSync(lock));
});

test('stop holds the lock while it takes its time', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  writeFileSync(join(node.stateDir, '101.stop-seconds'), '1');
  const script = `vzctl stop 101 & until [ -f "$VZ_STANDIN/lock/101.lck" ]; do sleep 0.05; done
    vzctl start 101; echo $?; vzctl status 101; wait`;
  const result = spawnSync('sh', ['-c', script], { env: node.env, encoding: 'utf8' });
  assert.match(result.stdout, /^9\nCTID 101 exist mounted running$/m);
  assert.equal(node.status(), 'CTID 101 exist unmounted down');
});

test('the switches make stop and start fail', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  writeFileSync(join(node.stateDir, '101.stop-exit'), '33');
  assert.equal(node.vzctl('stop', '101').code, 33);
  assert.equal(node.status(), 'CTID 101 exist mounted running');
  rmSync(join(node.stateDir, '101.stop-exit'));
  node.vzctl('stop', '101');
  writeFileSync(join(node.stateDir, '101.start-fails'), '2');
  assert.deepEqual(
    [1, 2, 3].map(() => node.vzctl('start', '101').code),
    [7, 7, 0],
  );
});

test('a dump file makes it suspended, and start resumes from it', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  node.vzctl('stop', '101');
  const dump = join(node.dir, 'dump/Dump.101');
  writeFileSync(dump, '');
  assert.equal(node.status(), 'CTID 101 exist unmounted down suspended');
  assert.match(node.vzctl('start', '101').stdout, /trying to restore from it/);
  assert.ok(!existsSync(dump));
});

test('a failing action script gives 79; a failing stop script leaves it running', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const script = (name: string): void => {
    writeFileSync(join(node.confDir, name), '#!/bin/sh\nexit 1\n');
    chmodSync(join(node.confDir, name), 0o755);
  };
  script('101.stop');
  assert.equal(node.vzctl('stop', '101').code, 79);
  assert.equal(node.status(), 'CTID 101 exist mounted running');
  rmSync(join(node.confDir, '101.stop'));
  node.vzctl('stop', '101');
  script('vps.mount');
  assert.equal(node.vzctl('start', '101').code, 79);
  assert.equal(node.status(), 'CTID 101 exist unmounted down');
});

test('destroy renames the config and the scripts and removes the rest', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  node.vzctl('stop', '101');
  assert.equal(node.vzctl('destroy', '101').code, 0);
  assert.deepEqual(
    ['101.conf', '101.conf.destroyed', '101.mount.destroyed'].map((name) =>
      existsSync(join(node.confDir, name)),
    ),
    [false, true, true],
  );
  assert.ok(!existsSync(node.privatePath));
  assert.equal(node.status(), 'CTID 101 deleted unmounted down');
});

test('the writer writes while the container runs, and its files agree when it is stopped', async (t) => {
  const node = startOpenVzNode(t, { plain: true, writer: true });
  const read = (name: string): string => readFileSync(join(node.privatePath, 'var/lib/writer', name), 'utf8');
  await sleep(300);
  node.vzctl('stop', '101');
  const first = read('first');
  assert.notEqual(first, '');
  assert.equal(first, read('second'));
  await sleep(100);
  assert.equal(read('first'), first);
});

test('vzlist prints fields, JSON and only the running without -a', (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const vzlist = (...args: string[]): string =>
    execFileSync('vzlist', args, { env: node.env, encoding: 'utf8' });
  assert.equal(vzlist('-H', '-o', 'ctid,name,status,layout,bootorder'), '101 web1 running simfs 5\n');
  const [entry] = JSON.parse(vzlist('-a', '-j'));
  assert.deepEqual([entry.ctid, entry.status, entry.ip], [101, 'running', ['192.0.2.17', '2001:db8:17::2']]);
  node.vzctl('stop', '101');
  assert.equal(spawnSync('vzlist', ['-H', '-o', 'ctid'], { env: node.env, encoding: 'utf8' }).stdout, '');
  assert.equal(spawnSync('vzlist', ['999'], { env: node.env }).status, 1);
  appendFileSync(join(node.confDir, '101.conf'), 'DESCRIPTION="a"quote"\n');
  mkdirSync(join(node.confDir, '102.conf.destroyed'));
  assert.equal(vzlist('-a', '-H', '-o', 'ctid'), '101\n');
});

test('a ploop container: its files are in VE_ROOT only, snapshots are of one moment, with the codes of vzctl', (t) => {
  if (!needs(t, 'root', 'mkfs.ext4')) return;
  const node = startOpenVzNode(t, { plain: true, ploop: true });
  const root = join(node.dir, 'root/102');
  const target = join(node.dir, 'target');
  const id = ['--id', '{12345678-1234-1234-1234-123456789abc}'];
  const expectCode = (code: number, message: RegExp, verb: string, ...args: string[]): void => {
    const result = node.vzctl(verb, '102', ...args);
    assert.equal(result.code, code, `${verb} ${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stdout + result.stderr, message, verb);
  };
  assert.equal(node.status('102'), 'CTID 102 exist mounted running');
  assert.ok(!existsSync(join(node.dir, 'private/102/etc')) && existsSync(join(root, 'etc')));
  expectCode(20, /--id is required/, 'snapshot-delete');
  expectCode(21, /Invalid guid/, 'snapshot', '--id', 'x');
  expectCode(158, /Unable to find/, 'snapshot-delete', ...id);
  expectCode(160, /Unable to find/, 'snapshot-mount', ...id, '--target', target);
  expectCode(161, /not mounted/, 'snapshot-umount', ...id);
  assert.equal(node.vzctl('snapshot', '101', ...id).code, 156);
  expectCode(0, /successfully created/, 'snapshot', ...id, '--skip-suspend', '--skip-config');
  expectCode(156, /already exists/, 'snapshot', ...id);
  expectCode(0, /\{12345678-/, 'snapshot-list');
  writeFileSync(join(root, 'etc/later'), '');
  expectCode(160, /does not exist/, 'snapshot-mount', ...id, '--target', target);
  mkdirSync(target);
  expectCode(0, /mounted to/, 'snapshot-mount', ...id, '--target', target);
  assert.ok(existsSync(join(target, 'etc')) && !existsSync(join(target, 'etc/later')));
  assert.throws(() => writeFileSync(join(target, 'etc/x'), ''), { code: 'EROFS' });
  expectCode(158, /is mounted/, 'snapshot-delete', ...id);
  expectCode(0, /unmounted/, 'snapshot-umount', ...id);
  expectCode(0, /deleted/, 'snapshot-delete', ...id);
  expectCode(0, /stopped/, 'stop');
  assert.ok(!existsSync(join(root, 'etc')));
  expectCode(0, /mounted/, 'mount');
  assert.ok(existsSync(join(root, 'etc/later')));
  writeFileSync(join(node.stateDir, '102.umount-exit'), '153');
  expectCode(153, /told to/, 'umount');
  rmSync(join(node.stateDir, '102.umount-exit'));
  expectCode(0, /unmounted/, 'umount');
  writeFileSync(join(node.stateDir, 'no-ploop'), '');
  expectCode(99, /not supported/, 'mount');
  rmSync(join(node.stateDir, 'no-ploop'));
  rmSync(join(node.dir, 'private/102/root.hdd/root.hdd'));
  expectCode(150, /No such file/, 'mount');
});

test('the hostile tree has what is hard to copy', (t) => {
  if (!needs(t, 'root', 'setcap', 'getcap', 'perl')) return;
  const node = startOpenVzNode(t);
  const find = (...args: string[]): string[] =>
    execFileSync('find', [node.privatePath, ...args, '-printf', '%P\\0'], { encoding: 'latin1' })
      .split('\0')
      .filter(Boolean);
  assert.ok(find('-name', '*\n*').length >= 2);
  assert.ok(find().some((name) => name.includes('\xff\xfe')));
  assert.ok(find().some((name) => name.length > 300));
  assert.ok(find('-links', '+2', '-type', 'f').length >= 3);
  assert.deepEqual(find('-type', 's'), ['srv/hostile/socket']);
  assert.deepEqual(find('-type', 'p'), ['srv/hostile/fifo']);
  assert.ok(find('(', '-type', 'c', '-o', '-type', 'b', ')').includes('var/spool/postfix/dev/random'));
  assert.ok(find('-perm', '-4000').includes('usr/bin/passwd'));
  assert.ok(find('-uid', '65535').includes('srv/hostile/owned-by-65535'));
  assert.match(
    execFileSync('getcap', [join(node.privatePath, 'usr/bin/ping')], { encoding: 'utf8' }),
    /cap_net_raw/,
  );
  const [sparse] = execFileSync('stat', ['-c', '%s %b', join(node.privatePath, 'srv/hostile/sparse')], {
    encoding: 'utf8',
  }).split('\n');
  const [size, blocks] = (sparse ?? '').split(' ').map(Number);
  assert.equal(size, 64 * 1024 * 1024);
  assert.ok((blocks ?? 0) * 512 < 1024 * 1024);
  assert.deepEqual(find('-name', 'pwned'), []);
  assert.ok(existsSync(join(node.rootPath, 'etc/debian_version')), 'VE_ROOT shows the private area');
  node.vzctl('stop', '101');
  assert.ok(!existsSync(join(node.rootPath, 'etc')), 'VE_ROOT is empty when it is unmounted');
});
