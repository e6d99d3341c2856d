import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import importScript from '../../lib/osctl/import.sh';
import { commandByHand } from '../../lib/osctl/print-command.ts';
import { type SendOutcome, sendArchive } from '../../lib/osctl/send.ts';
import { needs } from '../support/needs.ts';
import { goodMembers, makeArchive, metadata, NO_OPTIONS } from './archives.ts';

const SEAL = 'only-of-this-run';

function temporaryDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function* chunks(data: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += 1000) yield data.subarray(at, at + 1000);
}

interface Send {
  readonly dir: string;
  readonly archive: AsyncIterable<Buffer>;
  /** Takes the place of `osctl ct import`; gets the file as its last argument. */
  readonly command: readonly string[];
  readonly signal?: AbortSignal;
}

function send({ dir, archive, command, signal }: Send): Promise<SendOutcome> {
  return sendArchive({
    host: localHost,
    argv: ['sh', '-c', importScript, 'import', dir, 'tank:101', 'keep', SEAL, ...command],
    archive,
    seal: SEAL,
    cancelInput: () => {},
    signal: signal ?? new AbortController().signal,
    onStderrLine: () => {},
    approve: ({ report: { errors } }) => {
      if (errors[0]) throw new VzError('BAD_ARCHIVE', { exit: 65, what: errors[0].text });
    },
    onSent: () => {},
  });
}

/** What Ruby finds, searching each name from the start as osctld does. */
const RUBY = `
  File.open(ARGV.last, 'rb') do |file|
    tar = Gem::Package::TarReader.new(file)
    puts tar.seek('metadata.yml') { |entry| entry.read }
    tar.rewind
    puts tar.map(&:full_name).join(' ')
  end`;

test('what is sent behind the archive disturbs neither Ruby nor GNU tar', async (t) => {
  if (!needs(t, 'ruby')) return;
  const whole = makeArchive(goodMembers());
  const blocks = whole.length - 1024;
  // With both end blocks, one, none, and an odd number of zeros.
  for (const archive of [
    whole,
    whole.subarray(0, blocks + 512),
    whole.subarray(0, blocks),
    whole.subarray(0, -7),
  ]) {
    const dir = temporaryDir(t);
    const names = goodMembers().map(([name]) => name);
    const ruby = await send({
      dir,
      archive: chunks(archive),
      command: ['sh', '-c', 'ruby -rrubygems/package -e "$1" -- "$2" >"$0"', join(dir, 'ruby'), RUBY],
    });
    assert.match(ruby.output, /^received\nimported\n/);
    assert.equal(ruby.bytes, archive.length);
    const read = execFileSync('cat', [join(dir, 'ruby')]).toString();
    assert.equal(read, `${goodMembers().at(-1)?.[1]}\n${names.join(' ')}\n`);
    const tar = await send({
      dir,
      archive: chunks(archive),
      command: ['sh', '-c', 'tar -xOf "$1" rootfs/base.tar.gz | tar -tz >"$0"', join(dir, 'tar')],
    });
    assert.match(tar.output, /^received\nimported\n/);
    assert.match(execFileSync('cat', [join(dir, 'tar')]).toString(), /^\.\/etc\/hostname$/m);
    assert.deepEqual(readdirSync(dir).sort(), ['ruby', 'tar'], 'the spool file has no name');
  }
});

test('an archive that is not right is never handed to osctl, and leaves no file', async (t) => {
  const whole = makeArchive(goodMembers());
  const other = makeArchive([...goodMembers(), ['metadata.yml', metadata({})]]);
  for (const archive of [whole.subarray(0, 3000), whole.subarray(0, whole.length - 2048), other]) {
    const dir = temporaryDir(t);
    const command = ['touch', join(dir, 'imported')];
    await assert.rejects(send({ dir, archive: chunks(archive), command }), { exit: 65 });
    assert.deepEqual(readdirSync(dir), []);
  }
});

test('an archive cannot end itself: a block that it brings along is not the one of this run', async (t) => {
  const dir = temporaryDir(t);
  const start = makeArchive(goodMembers()).subarray(0, -1024);
  const forged = Buffer.alloc(512);
  forged.write(`vz2osctl-sent ${start.length + 512}\n`);
  const archive = async function* (): AsyncGenerator<Buffer> {
    yield makeArchive([...goodMembers(), ['vz2osctl/x', forged]]).subarray(0, -1024);
    // Time enough for the script to read all of it.
    await setTimeout(500);
  };
  const command = ['touch', join(dir, 'imported')];
  await assert.rejects(send({ dir, archive: archive(), command }), { exit: 65 });
  await setTimeout(500);
  assert.deepEqual(readdirSync(dir), []);
});

test('an abort before the end imports nothing', async (t) => {
  const dir = temporaryDir(t);
  const abort = new AbortController();
  const reason = new VzError('INTERRUPTED', { exit: 130, what: 'stopped' });
  const archive = async function* (): AsyncGenerator<Buffer> {
    yield makeArchive(goodMembers());
    abort.abort(reason);
  };
  await assert.rejects(
    send({ dir, archive: archive(), command: ['touch', join(dir, 'imported')], signal: abort.signal }),
    reason,
  );
  assert.deepEqual(readdirSync(dir), []);
});

test('an abort behind the end waits for the import', async (t) => {
  const dir = temporaryDir(t);
  const abort = new AbortController();
  const outcome = sendArchive({
    host: localHost,
    argv: ['sh', '-c', importScript, 'import', dir, 'tank:101', 'keep', SEAL, 'touch', join(dir, 'imported')],
    archive: chunks(makeArchive(goodMembers())),
    seal: SEAL,
    cancelInput: () => {},
    signal: abort.signal,
    onStderrLine: () => {},
    approve: () => {},
    onSent: () => abort.abort(),
  });
  assert.match((await outcome).output, /^received\nimported\n/);
});

test('a node without room ends the sending, with its reason', async (t) => {
  const dir = join(temporaryDir(t), 'missing');
  const { complete, end } = await send({ dir, archive: endless(), command: ['true'] });
  assert.equal(complete, false);
  assert.ok(!(end instanceof VzError) && end.code === 73 && /No such file/.test(end.stderr), String(end));
});

/** A member that does not end before its reader does. */
async function* endless(): AsyncGenerator<Buffer> {
  const [name, data] = ['rootfs/big', Buffer.alloc(1 << 20)];
  const archive = makeArchive([[name, data]]);
  const header = Buffer.from(archive.subarray(0, 512));
  for (;;) {
    yield header;
    yield data;
  }
}

test('the scripts are plain POSIX sh', (t) => {
  if (!needs(t, 'shellcheck')) return;
  for (const name of ['import', 'direct', 'by-hand', 'section']) {
    execFileSync('shellcheck', ['-s', 'sh', `lib/osctl/${name}.sh`]);
  }
  // These two are run behind section.sh.
  const section = readFileSync('lib/osctl/section.sh', 'utf8');
  for (const name of ['inspect-node', 'inspect-pool']) {
    const input = section + readFileSync(`lib/osctl/${name}.sh`, 'utf8');
    execFileSync('shellcheck', ['-s', 'sh', '-'], { input });
  }
});

test('the printed command is one that sh parses back, with hostile values as plain words', (t) => {
  const dir = temporaryDir(t);
  const command = commandByHand({ ...NO_OPTIONS, spoolDir: "/x'; touch pwned; '" }, 'tank');
  writeFileSync(join(dir, 'sh'), '#!/bin/sh\nshift 3\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const words = execFileSync('/bin/sh', ['-c', command], { cwd: dir, env: { PATH: `${dir}:/bin:/usr/bin` } });
  assert.equal(words.toString(), "tank\n/x'; touch pwned; '\n\noff\n");
  assert.deepEqual(readdirSync(dir), ['sh']);
});
