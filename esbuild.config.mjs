// Bundles cmd/ into dist/ (one file a program, shared chunks loaded only when needed, no node_modules at
// run time) and, with "test", the tests into build/.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import manifest from './package.json' with { type: 'json' };

const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  // The native addon of ssh2 is copied beside the chunks where it was built; without it ssh2 goes on in JavaScript.
  loader: { '.sh': 'text', '.bash': 'text', '.zsh': 'text', '.node': 'copy' },
  assetNames: 'lib/[name]-[hash]',
  // What ssh2 would use it for, the order of ciphers, we decide.
  external: ['cpu-features'],
  // ssh2 looks for an agent's helper there, on Windows.
  define: { VZ2OSCTL_VERSION: JSON.stringify(manifest.version), __dirname: JSON.stringify('/') },
  logLevel: 'warning',
  // Some dependencies are CommonJS and call require(); ES modules have none.
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
};

/** What runs at build time alone: manuals, completion. */
const TOOLS = 'node_modules/.cache/vz2osctl';

const filesBelow = (dir, suffix) =>
  readdirSync(dir, { recursive: true })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(dir, name));

/** The licence texts of all packages that went into the bundle: they ask that they go along. */
const thirdParty = ({ inputs }) => {
  const packages = Object.keys(inputs).flatMap(
    (path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [],
  );
  return [...new Set(packages)].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? license : readFileSync(`${directory}/${file}`, 'utf8').trim();
    return `${name} ${version}\n\n${text}\n`;
  });
};

if (process.argv[2] === 'test') {
  rmSync('build', { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: filesBelow('test', '.ts').filter((name) => /\.(test|bench|faults)\.ts$/.test(name)),
    outbase: '.',
    outdir: 'build',
    sourcemap: 'inline',
  });
} else {
  rmSync(TOOLS, { recursive: true, force: true });
  rmSync('dist', { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: filesBelow('cmd', '.ts'),
    outdir: 'dist',
    chunkNames: 'lib/[name]-[hash]',
    metafile: true,
  });
  writeFileSync('dist/THIRD-PARTY.txt', thirdParty(metafile).join(`\n${'-'.repeat(80)}\n\n`));
  mkdirSync('dist/bin');
  // Their first lines ask for one thread that collects garbage: what flows is short-lived buffers in a heap of some MiB, and
  // several threads take twice the CPU time for it, which the other programs of a pipe need. It cannot be set later: V8 dies.
  for (const file of filesBelow('cmd', '.ts')) {
    const name = basename(file, '.ts');
    chmodSync(`dist/${name}.mjs`, 0o755);
    symlinkSync(`../${name}.mjs`, `dist/bin/${name}`);
  }
  await build({ ...common, entryPoints: ['tools/build.ts'], outdir: TOOLS });
  await import(pathToFileURL(`${TOOLS}/build.mjs`).href);
}
