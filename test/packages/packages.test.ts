import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { needs } from '../support/needs.ts';
import { cleanEnvironment, makePackages, type Packages, programNames, runAlone } from './packages.ts';

let packages: Packages;
before(() => {
  packages = makePackages();
});
after(() => packages.remove());

test('the package of npm has what is run and read, and nothing else', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.deepEqual(Object.keys(bin).sort(), programNames());
  const files = packages.files('npm');
  for (const path of [...Object.values(bin), ...READ])
    assert.ok(files.includes(`package/${path}`), `${path}`);
  const known =
    /^package\/(package\.json|LICENSE|README\.md|CHANGELOG\.md|dist\/[\w-]+\.mjs|dist\/lib\/[\w-]+\.mjs|dist\/THIRD-PARTY\.txt|dist\/man\/[\w-]+\.\d(\.md)?|dist\/completion\/[\w.-]+|(cmd|docs)\/[\w.-]+\.md)$/;
  assert.deepEqual(
    files.filter((path) => !known.test(path)),
    [],
  );
});

test('the bundle is one directory, and has no binaries', () => {
  const files = packages.files('bundle');
  const known = /^vz2osctl-[\d.]+\/((bin|lib|share)\/.*)?$/;
  assert.deepEqual(
    files.filter((path) => !known.test(path) || /\.node$|node_modules|\.ts$/.test(path)),
    [],
  );
  const doc = `${files[0]}share/doc/vz2osctl/`;
  for (const path of READ) assert.ok(files.includes(doc + path.replace('dist/', '')), path);
});

test('both go along with the licences of what is in them', () => {
  const text = readFileSync(join(packages.dir, 'tree/dist/THIRD-PARTY.txt'), 'utf8');
  for (const name of ['execa', 'minimist', 'ssh2', 'tar-stream', 'zod'])
    assert.match(text, new RegExp(`^${name} \\d[^]*?Copyright`, 'm'));
});

for (const version of [20, 22, 24]) {
  for (const kind of ['npm', 'bundle'] as const) {
    test(`${kind}: installs without a network for Node.js ${version}, and runs by it`, (t) => {
      const node = findNode(t, version);
      if (node === undefined || !needs(t, 'root', 'unshare')) return;
      const bin = packages.install(kind, node);
      assert.deepEqual(readdirSync(bin).sort(), programNames());
      const probe = join(packages.dir, 'probe.cjs');
      writeFileSync(probe, 'console.error("probe:", process.version, ...process.execArgv)');
      const env = withPrograms(bin, node);
      const config = readFileSync('test/support/sample-container/101.conf');
      const pipe = `vz-parse-config --ctid 101 | vz-to-osctl -q --report none`;
      const ran = runAlone(
        ['bash', '-o', 'pipefail', '-c', pipe],
        { ...env, NODE_OPTIONS: `--require "${probe}"` },
        { input: config },
      );
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(JSON.parse(ran.stdout).kind, 'osctl-container');
      const probes = ran.stderr.split('\n').filter((line) => line.startsWith('probe:'));
      assert.equal(probes.length, 2, ran.stderr);
      for (const line of probes)
        assert.match(line, new RegExp(`^probe: v${version}\\..* --single-threaded-gc$`));
      if ((kind === 'npm' && version === 24) || (kind === 'bundle' && version === 22)) {
        const demo = runAlone(['sh', resolve('test/support/demo.sh')], { ...env, VZ2OSCTL_BIN: bin });
        assert.equal(demo.code, 0, demo.stderr);
        assert.match(demo.stdout, /^tank\t101\t.*\tstopped\t/m);
      }
    });
  }
}

function withPrograms(bin: string, node: string): NodeJS.ProcessEnv {
  const env = cleanEnvironment(packages.dir, node);
  return { ...env, PATH: `${bin}:${env['PATH']}` };
}

/** The Node.js that runs the tests is the one of its own version. Undefined: it is missing, and the test is skipped. */
function findNode(t: TestContext, version: number): string | undefined {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const path = resolve(`test/support/node-versions/node_modules/node-${version}/bin/node`);
  if (existsSync(path)) return path;
  return needs(t, `node-${version}`) ? path : undefined;
}

/** What people read, in both. */
const READ = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist/THIRD-PARTY.txt',
  'docs/migrating.md',
  'docs/debugging.md',
  ...programNames().map((name) => `cmd/${name}.8.md`),
];
