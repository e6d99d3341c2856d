import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** `npm`: what `npm pack` makes, by `npm install -g`. `bundle`: what `make bundle` makes, unpacked. */
export type Kind = 'npm' | 'bundle';

export interface Packages {
  readonly dir: string;
  /** Names of its members. */
  readonly files: (kind: Kind) => string[];
  /** Installs it for a Node.js; gives the directory of its programs. */
  readonly install: (kind: Kind, node: string) => string;
  readonly remove: () => void;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Packs a copy of the source tree, since packing builds, and other tests run what is built here. */
export function makePackages(): Packages {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl packages-'));
  const tree = join(dir, 'tree');
  mkdirSync(tree);
  execFileSync('cp', ['-a', ...PACKED.map((name) => resolve(name)), tree]);
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  const node = process.execPath;
  const run = (file: string, args: readonly string[]): void =>
    void execFileSync(file, args, {
      cwd: tree,
      env: cleanEnvironment(dir, node),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run(node, [npmProgram(), 'pack', '--silent', '--pack-destination', dir]);
  run('make', ['--silent', 'bundle']);
  const version: string = JSON.parse(readFileSync('package.json', 'utf8')).version;
  const archives: Record<Kind, string> = {
    npm: join(dir, `vz2osctl-${version}.tgz`),
    bundle: join(tree, `dist/vz2osctl-${version}.tar.gz`),
  };
  return {
    dir,
    files: (kind) => execFileSync('tar', ['tzf', archives[kind]], { encoding: 'utf8' }).trim().split('\n'),
    install: (kind, withNode) => {
      const prefix = join(dir, `${kind} ${basename(dirname(dirname(withNode)))}`);
      mkdirSync(prefix);
      const command =
        kind === 'npm'
          ? [
              withNode,
              npmProgram(),
              'install',
              '--global',
              '--prefix',
              prefix,
              '--fetch-retries=0',
              archives.npm,
            ]
          : ['tar', '-xzf', archives.bundle, '-C', prefix, '--strip-components=1'];
      const { code, stderr } = runAlone(command, cleanEnvironment(dir, withNode), { network: false });
      if (code !== 0) throw new Error(`${kind}: ${code} ${stderr}`);
      return join(prefix, 'bin');
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs a command in a mount namespace where nothing of what is built, or built from, is there any more. */
export function runAlone(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  { network = true, input = '' }: { readonly network?: boolean; readonly input?: string | Buffer } = {},
): Ran {
  const hidden = HIDDEN.map((name) => resolve(name)).filter(existsSync);
  // What is mounted elsewhere could not be taken down as long as it is here as well: the pools of tests beside this one.
  const detach = `awk '$3 == "fuse.zfs" { print $2 }' /proc/mounts | sort -r | while read -r d; do umount -l "$d"; done`;
  const script = `${detach}; n=$1; shift; while [ $n -gt 0 ]; do mount -t tmpfs none "$1" && shift || exit 99; n=$((n - 1)); done; exec "$@"`;
  const namespaces = network ? ['-m'] : ['-m', '-n'];
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', script, 'sh', String(hidden.length), ...hidden, ...command],
    { env, input, cwd: tmpdir(), encoding: 'utf8' },
  );
  return { code: status, stdout, stderr };
}

/** An environment with a home of its own and this Node.js first; nothing of npm's, of make's or of the test runner's. */
export function cleanEnvironment(home: string, node: string): NodeJS.ProcessEnv {
  return {
    HOME: home,
    LC_ALL: 'C.UTF-8',
    PATH: `${dirname(node)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    npm_config_update_notifier: 'false',
  };
}

/** The programs that there are, by their sources. */
export function programNames(): string[] {
  return readdirSync('cmd')
    .filter((name) => name.endsWith('.ts'))
    .map((name) => basename(name, '.ts'))
    .sort();
}

/** npm's own program, to be run by any Node.js. */
function npmProgram(): string {
  return realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
}

/** What packing needs. */
const PACKED = [
  'CHANGELOG.md',
  'LICENSE',
  'Makefile',
  'README.md',
  'cmd',
  'docs',
  'esbuild.config.mjs',
  'lib',
  'tools',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
];
const HIDDEN = ['node_modules', 'dist', 'lib', 'cmd', 'build'];
