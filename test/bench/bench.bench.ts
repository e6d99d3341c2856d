/**
 * `make bench`: speed and memory, as ratios against a baseline in the same run. Prints a table; a missed target is said,
 * and is no error, since it depends on what else the machine does.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { downtimeRows } from './downtime.ts';
import { fleetRows } from './fleet.ts';
import { importRows } from './import.ts';
import { compare, median, peakMemory, timeScript } from './measure.ts';
import { migrateRows, moveRows } from './migrate.ts';
import { relayRows } from './relay.ts';
import { remoteLookRows } from './remote-look.ts';
import { type BenchOptions, streamRows } from './streams.ts';
import { ratio, row } from './table.ts';
import { zfsExportRows } from './zfs-export.ts';

const SUPPORT = resolve('test/support');
const DIR = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'vz2osctl-bench-'));
const NODE = join(DIR, 'node');
const PROGRAMS = `${resolve('dist/bin')}:${join(SUPPORT, 'openvz-node/bin')}`;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const LARGE_GIB = Number(process.env['BENCH_LARGE_GIB'] ?? 10);

const env: NodeJS.ProcessEnv = {
  ...process.env,
  VZ_STANDIN: NODE,
  PATH: `${PROGRAMS}:${process.env['PATH']}`,
};

/** A PATH with everything but some programs. */
function without(...programs: string[]): NodeJS.ProcessEnv {
  const bin = join(DIR, `without-${programs.join('-')}`);
  mkdirSync(bin);
  for (const directory of ['/usr/bin', '/usr/sbin']) {
    execFileSync('sh', ['-c', `ln -s ${directory}/* ${bin}/ 2>/dev/null || :`]);
  }
  rmSync(join(bin, 'node'), { force: true });
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const program of programs) rmSync(join(bin, program), { force: true });
  return { ...env, PATH: `${PROGRAMS}:${bin}` };
}

function exports(): void {
  execFileSync(join(SUPPORT, 'openvz-node/make-node'), ['--plain', '--size', '1000', NODE], {
    stdio: 'ignore',
  });
  const tree = join(NODE, 'private/101');
  const ours = `vz-rootfs-tar -q < ${DIR}/101.json | osctl-bundle > ${DIR}/out`;
  const tarInto = (gzip: string): string => `tar -C ${tree} -c . | ${gzip} > ${DIR}/out`;

  // The document says which programs the node has, so each environment has its own.
  const look = (where: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
    timeScript(
      `vz-parse-config --conf-dir ${NODE}/etc/vz/conf 101 | vz-to-osctl -q --report none > ${DIR}/101.json`,
      where,
    );
    return where;
  };

  look(env);
  const [igzip, igzipBase] = compare(ours, tarInto('igzip -1'), env, ROUNDS);
  ratio('export, igzip: wall / (tar -c | igzip -1)', igzip, igzipBase, '<= 1.5', (value) => value <= 1.5);
  // Once: it takes a minute, and its targets are far away.
  const gzipBase = timeScript(`tar -C ${tree} -cz . > ${DIR}/out`, env).wall;
  ratio('export, igzip: (tar -cz) / wall', gzipBase, igzip, '>= 7', (value) => value >= 7);
  const [pigz, pigzBase] = compare(ours, tarInto('pigz -1'), look(without('igzip')), ROUNDS);
  ratio('export, pigz: wall / (tar -c | pigz -1)', pigz, pigzBase, '<= 1.2', (value) => value <= 1.2);
  const plain = look(without('igzip', 'pigz'));
  ratio(
    'export, gzip: (tar -cz) / wall',
    gzipBase,
    timeScript(ours, plain).wall,
    '>= 1.5',
    (value) => value >= 1.5,
  );
  const zlib = look(without('igzip', 'pigz', 'gzip'));
  ratio(
    'export, no gzip: (tar -cz) / wall',
    gzipBase,
    timeScript(ours, zlib).wall,
    '>= 1.5',
    (value) => value >= 1.5,
  );
  look(env);
}

function manyConfigs(): void {
  const configs = join(DIR, 'configs');
  mkdirSync(configs);
  const sample = join(resolve('test/fixtures/openvz-conf'), 'kolyshkin_vzctl_ve-vswap-256m.conf');
  for (let id = 1001; id <= 2000; id += 1) copyFileSync(sample, join(configs, `${id}.conf`));
  const bare = median(Array.from({ length: 5 }, () => timeScript('node -e 0', env).cpu));
  const pipe = `vz-parse-config ${configs}/*.conf | vz-to-osctl --report none -q > /dev/null`;
  const cpu = median(Array.from({ length: 5 }, () => timeScript(pipe, env).cpu));
  const limit = 3 * bare + 1;
  row(
    '1,000 configs, both programs: CPU seconds',
    cpu.toFixed(2),
    `< 3 x ${bare.toFixed(2)} + 1 = ${limit.toFixed(2)}`,
    cpu < limit,
  );
}

function help(): void {
  const [ours, bare] = compare('vz-parse-config --help > /dev/null', 'node -e 0', env, 15);
  ratio('vz-parse-config --help: wall / (node -e 0)', ours, bare, '<= 1.5', (value) => value <= 1.5);
}

/** A `tar` that gives generated data of any size, and a bundle stream of it. */
async function memory(): Promise<void> {
  const bin = join(DIR, 'generator');
  mkdirSync(bin);
  const generator = `#!/bin/sh\ncase $* in *--help* | *--version*) exec /usr/bin/tar "$@" ;; esac\nexec head -c "$GENERATED_BYTES" /dev/zero\n`;
  writeFileSync(join(bin, 'tar'), generator, { mode: 0o755 });
  const generate = { ...env, PATH: `${bin}:${env['PATH']}` };
  const peaksOf = (gib: number): Promise<Map<string, number>> =>
    peakMemory(
      `vz-rootfs-tar -q --no-consistent --compression off < ${DIR}/101.json | osctl-bundle | cat > /dev/null`,
      {
        ...generate,
        GENERATED_BYTES: String(Math.round(gib * 2 ** 30)),
      },
    );
  const [small, large] = [await peaksOf(0.1), await peaksOf(LARGE_GIB)];
  for (const [name, peak] of large) {
    const figure = `${small.get(name)} / ${peak} MiB`;
    row(`${name}: peak memory at 100 MiB / ${LARGE_GIB} GiB`, figure, '< 120, the same', peak < 120);
  }
  const configs = await peakMemory(
    `vz-parse-config ${DIR}/configs/*.conf | vz-to-osctl --report none -q > /dev/null`,
    env,
  );
  for (const [name, peak] of configs)
    row(`${name}: peak memory, 1,000 configs`, `${peak} MiB`, '< 120', peak < 120);
}

const options: BenchOptions = { dir: DIR, env, rounds: ROUNDS };

await section('streams', () => streamRows(options, LARGE_GIB));
await section('zfs', (t) => zfsExportRows(t, options, LARGE_GIB));
await section('downtime', (t) => downtimeRows(t, options));
await section('import', (t) => importRows(t, options));
await section('relay', (t) => relayRows(t, options));
await section('migrate', (t) => migrateRows(t, options));
await section('move', (t) => moveRows(t));
await section('look', (t) => remoteLookRows(t, options));
await section('fleet', async () => fleetRows(options));
await section('files', async (t) => {
  t.after(() => execFileSync(join(SUPPORT, 'openvz-node/remove-node'), [NODE], { stdio: 'ignore' }));
  exports();
  manyConfigs();
  help();
  await memory();
});
rmSync(DIR, { recursive: true, force: true });

/**
 * A part of the bench, a test so that it can use what tests use; BENCH_ONLY names those to be run. The runner's own report
 * is thrown away (see the Makefile), so what goes wrong is said here.
 */
async function section(name: string, run: (t: TestContext) => Promise<void>): Promise<void> {
  const only = process.env['BENCH_ONLY']?.split(',') ?? [name];
  if (!only.includes(name)) return;
  await test(name, async (t) => {
    await run(t).catch((error: unknown) => {
      process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
      throw error;
    });
  });
}
