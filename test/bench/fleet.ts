import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEEP, nodeOf } from '../convert/node/samples.ts';
import { configOf, corpusFile, factsOf, NO_GUEST } from '../convert/samples.ts';
import { median, timeScript } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { row } from './table.ts';

/** A fleet that is judged for one node and reported; and a tree that is walked for `--facts deep`. */
export function fleetRows({ dir, env, rounds }: BenchOptions): void {
  reportRow({ dir, env, rounds });
  walkRow({ dir, env, rounds });
}

function reportRow({ dir, env, rounds }: BenchOptions): void {
  const node = join(dir, 'node.json');
  const containers = Array.from({ length: 300 }, (_, index) => ({
    ...{ pool: 'tank', id: String(5000 + index), state: 'running', user: null, mapMode: 'zfs' as const },
  }));
  const known = containers.map(({ id }, index) => ({
    address: `10.9.${Math.floor(index / 200)}.${index % 200}`,
    where: `container ${id}`,
  }));
  writeFileSync(node, `${JSON.stringify(nodeOf({ containers, addresses: { known, unknown: [] } }))}\n`);
  const guest = { ...NO_GUEST, init: 'systemd' as const, systemd: 219, glibc: '2.17' };
  const facts = factsOf({ level: 'deep', deep: DEEP, guest });
  const config = corpusFile('kolyshkin_vzctl_ve-vswap-256m');
  const documents = Array.from({ length: FLEET }, (_, index) => ({
    ...configOf(config, { facts }),
    ctid: String(1001 + index),
  }));
  const fleet = join(dir, 'fleet.ndjson');
  writeFileSync(fleet, documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
  const pipe = `vz-to-osctl --report none -q --node ${node} < ${fleet} | vz-report > /dev/null`;
  const times = Array.from({ length: rounds }, () => timeScript(pipe, env));
  const [wall, cpu] = [median(times.map((time) => time.wall)), median(times.map((time) => time.cpu))];
  const figure = `${wall.toFixed(2)} (CPU ${cpu.toFixed(2)})`;
  row(`${FLEET} documents with a node, to the report: seconds`, figure, '< 2', wall < 2);
}

/** Against one find that only prints names: whoever walks twice needs twice as long. */
function walkRow({ dir, env, rounds }: BenchOptions): void {
  const tree = join(dir, 'many');
  const confDir = join(dir, 'many-conf/conf');
  mkdirSync(confDir, { recursive: true });
  writeFileSync(join(confDir, '101.conf'), `VE_PRIVATE="${tree}"\nVE_ROOT="${tree}-root"\n`);
  const make = `mkdir -p ${tree} && cd ${tree} && seq 1 ${FILES / 1000} | xargs mkdir && for d in *; do (cd $d && seq 1 1000 | xargs touch); done`;
  timeScript(make, env);
  const find = `find ${tree} -printf '%U %G %b %n\\\\0' > /dev/null`;
  const look = `vz-parse-config -q --conf-dir ${confDir} --facts deep 101 > /dev/null`;
  // Both see a cache that is warm.
  timeScript(find, env);
  const pairs = Array.from(
    { length: rounds },
    () => [timeScript(look, env).wall, timeScript(find, env).wall] as const,
  );
  const [ours, once] = [median(pairs.map(([one]) => one)), median(pairs.map(([, one]) => one))];
  const figure = `${ours.toFixed(2)} / ${once.toFixed(2)} = ${(ours / once).toFixed(2)}`;
  row(`--facts deep, ${FILES / 1e6} million files: wall / (one find)`, figure, '< 2', ours / once < 2);
}

const FLEET = 300;
const FILES = Number(process.env['BENCH_WALK_FILES'] ?? 1_000_000);
