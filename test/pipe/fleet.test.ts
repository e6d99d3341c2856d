import assert from 'node:assert/strict';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readLines } from '../../lib/documents/ndjson.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { checkedAtEnd } from '../support/osctld-config/checked.ts';
import { runPipe } from '../support/run-pipe.ts';

/**
 * A fleet of 10,000 containers goes through in the memory that 100 need: nothing of a document stays when the next one
 * comes. V8's heap is limited by NODE_OPTIONS, and a program that needs more dies of it (134).
 */
const CORPUS = 'test/fixtures/openvz-conf';
const CONTAINERS = 10_000;
/** Of old space, in MiB. 100 containers take 8, with nothing to spare; the output of 10,000 is many times this. */
const HEAP_MIB = 16;

/** vz-report names what two containers share, so it has to remember a little of each: their ids, addresses and fates. */
const REPORT_HEAP_MIB = 48;

const withHeap = (mebibytes: number): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: `--max-old-space-size=${mebibytes}`,
});
let dir = '';
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'vz2osctl-fleet-'));
  makeFleet('few', 100);
  makeFleet('many', CONTAINERS);
});
after(() => rmSync(dir, { recursive: true, force: true }));

/** Configs of the corpus by turns, each with an id, a name and an address of its own, behind a vz.conf. */
function makeFleet(name: string, count: number): void {
  const configs = readdirSync(CORPUS)
    .filter((file) => file.endsWith('.conf'))
    .map((file) => readFileSync(join(CORPUS, file), 'latin1'));
  mkdirSync(join(dir, name, 'conf'), { recursive: true });
  writeFileSync(join(dir, name, 'vz.conf'), readFileSync(join(CORPUS, 'kolyshkin_vzctl_vz.conf')));
  for (let index = 0; index < count; index += 1) {
    const id = 101 + index;
    const own = `HOSTNAME="ct${id}.example.com"\nIP_ADDRESS="10.1.${id >> 8}.${id & 255}"\n`;
    writeFileSync(join(dir, name, 'conf', `${id}.conf`), own + configs[index % configs.length], 'latin1');
  }
}

const convertFleet = (name: string): string =>
  `vz-parse-config --all --facts none --conf-dir ${dir}/${name}/conf -q | vz-to-osctl --report none -q > ${dir}/${name}.ndjson`;

describe(`with a heap of ${HEAP_MIB} MiB`, () => {
  it('100 containers are converted', async () => {
    const { codes, stderr } = await runPipe(convertFleet('few'), { env: withHeap(HEAP_MIB) });
    assert.deepEqual(codes, [0, 0], stderr);
  });

  it('10,000 are, each to a document of its own', async () => {
    const { codes, stderr } = await runPipe(convertFleet('many'), { env: withHeap(HEAP_MIB) });
    assert.deepEqual(codes, [0, 0], stderr);
    const file = join(dir, 'many.ndjson');
    assert.ok(statSync(file).size > 2 * HEAP_MIB * 2 ** 20);
    const count = await runPipe([`grep -c '^{"kind":"osctl-container",.*}$' ${file}`]);
    assert.equal(count.stdout.trim(), String(CONTAINERS));
    const ids = await runPipe([`cut -d, -f3 ${file}`, 'sort -u', 'wc -l']);
    assert.equal(ids.stdout.trim(), String(CONTAINERS));
  });
});

for (const view of ['container', 'loss', 'node']) {
  it(`vz-report --by ${view} has them all, with a heap of ${REPORT_HEAP_MIB} MiB`, async () => {
    const { codes, stdout, stderr } = await runPipe(
      [`vz-report --by ${view} < ${dir}/many.ndjson`, `grep -c '^${CONTAINERS} containers: '`],
      { env: withHeap(REPORT_HEAP_MIB) },
    );
    assert.deepEqual(codes, [0, 0], stderr);
    assert.equal(stdout.trim(), '1');
  });
}

it('every document of the fleet is valid, and is what osctld takes', async () => {
  let lines = 0;
  for await (const { value, number } of readLines(createReadStream(join(dir, 'many.ndjson')))) {
    const document = validateDocument(value, 'osctl-container', `line ${number}`);
    assert.equal(document.config.hostname, `ct${document.id}.example.com`);
    // All that differs within each of the 40 configs is name and address.
    if (number <= 200) checkedAtEnd(document);
    lines += 1;
  }
  assert.equal(lines, CONTAINERS);
});
