// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mountLines } from '../../lib/convert/mount-lines.ts';

const MOUNTS: readonly string[] = [
  'mount -n --bind /srv/data ${VE_ROOT}/data',
  'mount /dev/sdb1 /vz/root/101/srv',
  '/bin/mount -t nfs nas:/export "$VE_ROOT/mnt"',
  '/usr/bin/mount --bind a b',
  'mount.nfs nas:/export $VE_ROOT/mnt',
  'mount \\',
  'mount tmpfs ${VE_ROOT}/tmp -t tmpfs',
  'mount "$SRC" "$DST"',
  '$MOUNT -n --bind $SRC $DST',
  '${MOUNT} -n -o bind a b',
  'cd / && mount -o bind a b',
  'test -d $DST || mount a b',
  'if ! mount -n a b; then exit 1; fi',
  'mountpoint -q $DST || mount a b',
  'start) mount -n --bind a b ;;',
  'do mount a $dir; done',
  'for d in a b; do mount --bind /srv/$d $VE_ROOT/$d; done',
  'LC_ALL=C mount a b',
  'exec mount a b',
  'ionice -c3 nice -n 10 mount nas:/x /y',
  'timeout 30 mount nas:/x /y',
  'chroot /vz/root/101 mount -t proc proc /proc',
  'echo mounting; mount a b',
  'mount a b || echo "mount failed"',
  'mount a b # the customer wants it',
  'result=`mount a b`',
  'echo $(mount a b)',
  'umount b; mount a b',
  'bash -c "cd /x; mount a b"',
  'system("mount -n --bind $src $dst");',
  "system('/bin/mount', '-n', $src, $dst) == 0 or die \"mount failed\";",
  'system "mount", "-n", "--bind", $src, $dst;',
  '`mount -n #{src} #{dst}`',
  'syscmd("mount #{opts} #{src} #{dst}")',
  "syscmd('mount --bind /a /b')",
  'cmd = "mount -t #{type} #{src}"',
  'run %w[mount --bind a b]',
  '-f x or system("mount a b")',
];

const NO_MOUNTS: readonly string[] = [
  '# mount -n --bind a b',
  '#!/bin/mount a',
  'true # mount a b',
  'umount $VE_ROOT/mnt',
  '/bin/umount -n b',
  '/mnt/mount.sh -a',
  '/mnt/mount a b',
  'sh /mnt/mount.sh a b',
  './mount.sh a',
  'mountpoint -q /mnt',
  'fusermount -u /mnt',
  'mount',
  'mount | grep -q data',
  'if mount | grep -q data; then',
  'mount > /tmp/mounts',
  'case $1 in mount|umount) ;; esac',
  'mount)',
  'mount() {',
  'def mount(opts)',
  'mounts.each do |mount|',
  'mount = Mount.new',
  'for mount in a b; do',
  'echo "mount failed"',
  'test -x x || echo mount -n failed',
  'printf "mount of %s failed" x',
  'die "mount a b failed";',
  'puts("mount a b")',
  'logger -t vz "mount a b"',
  'vzctl mount $VEID',
  'grep "x" mount',
  '[ -d mount ]',
  'MOUNT=/bin/mount',
  'rm -rf /tmp/mount',
  'ls --mount a b',
  'remount a b',
  '',
];

for (const line of MOUNTS) {
  test(`mounts: ${line}`, () => assert.deepEqual(mountLines(`  ${line}\r\n`), [{ line: 1, text: line }]));
}

for (const line of NO_MOUNTS) {
  test(`does not mount: ${line}`, () => assert.deepEqual(mountLines(`${line}\n`), []));
}

test('lines are counted from 1, and each is named once', () => {
  const script = '#!/bin/sh\n. $VE_CONFFILE\n\n\tmount a b; mount c d\n# mount\nmount e f';
  assert.deepEqual(mountLines(script), [
    { line: 4, text: 'mount a b; mount c d' },
    { line: 6, text: 'mount e f' },
  ]);
});

test('any text is read, and what is found is in it', () => {
  const words = fc.constantFrom(
    'mount',
    ' ',
    '\n',
    '"',
    '`',
    '$(',
    '${',
    '#',
    '|',
    '-o',
    'echo',
    "'",
    '\t',
    '\r',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
      const script = parts.join('');
      const lines = script.split('\n');
      for (const { line, text } of mountLines(script)) assert.equal(lines[line - 1]?.trim(), text);
    }),
  );
});

test('a hostile script takes no time', () => {
  const started = process.cpuUsage();
  for (const part of ['mount ', 'echo ', '${', '"', '/a', '/bin/', '- ', 'x=']) {
    mountLines(part.repeat(262_144 / part.length));
    mountLines(`mount${part.repeat(60)}\n`.repeat(2000));
  }
  assert.ok(process.cpuUsage(started).user < 5_000_000);
});
