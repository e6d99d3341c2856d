import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { acceptedFlags } from '../lib/cli/spec.ts';
import { SPECS } from '../lib/cli/specs/all.ts';
import { needs } from './support/needs.ts';
import { startOpenVzNode } from './support/nodes.ts';

/** What bash offers behind a line, as programmable completion asks for it. */
function bash(line: string, options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): string[] {
  const script = `. '${resolve('dist/completion/vz2osctl.bash')}'
COMP_LINE=$1 COMP_POINT=\${#1}; _vz2osctl "\${1%% *}"; ((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"; :`;
  const result = spawnSync('bash', ['--norc', '-uc', script, 'bash', line], { encoding: 'utf8', ...options });
  assert.deepEqual([result.status, result.stderr], [0, ''], line);
  return result.stdout.split('\n').filter(Boolean).sort();
}

/** The line that zsh makes of one when Tab is pressed at its end, or undefined where it asks for more. */
function zsh(t: TestContext, line: string, options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-zsh-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const output = join(dir, 'line');
  const setUp = `fpath=('${resolve('dist/completion')}' $fpath); autoload -U compinit; compinit -u -d '${dir}/dump'
setopt no_auto_menu; bindkey '^I' expand-or-complete; PS1=ready; show() { print -rn -- "$BUFFER" >|'${output}'; }; zle -N show; bindkey '^X' show`;
  writeFileSync(join(dir, 'setup'), setUp);
  const script = `zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z ". '${dir}/setup'"
zpty -r -m z w '*ready*'; zpty -w -n z "$1"$'\\t'; sleep 0.3; zpty -w -n z $'\\x18'
for ((i = 0; i < 200; i++)); do [[ -s '${output}' ]] && break; sleep 0.05; done; zpty -d z`;
  const result = spawnSync('zsh', ['-f', '-c', script, 'zsh', line], { encoding: 'utf8', ...options });
  const shown = spawnSync('cat', [output], { encoding: 'utf8' });
  assert.equal(shown.status, 0, `${line}: ${result.stderr}`);
  return shown.stdout;
}

for (const spec of SPECS) {
  test(`bash: ${spec.name} completes each of its flags, and no other`, () => {
    const words = acceptedFlags(spec).flatMap(({ name, short, negatable }) => [
      `--${name}`,
      ...(negatable ? [`--no-${name}`] : []),
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    assert.deepEqual(bash(`${spec.name} -`), words.sort());
  });
}

const BASH: readonly [string, string[]][] = [
  ['vz-to-osctl --netif-typ', ['--netif-type']],
  ['vz-to-osctl --netif-type ', ['bridge', 'routed']],
  ['vz-to-osctl --netif-type b', ['bridge']],
  // Readline's word begins behind the =.
  ['vz-to-osctl --netif-type=r', ['routed']],
  ['vz-to-osctl --clone --netif-', ['--netif-hwaddr', '--netif-name', '--netif-type']],
  ['vz-to-osctl ', []],
  ['vz-to-osctl --hostname x', []],
  ['vz-migrate-step s', ['stage', 'status', 'sync']],
  ['vz-migrate-step --wait 5m t', ['transfer']],
  ['vpsadminos-convert ', ['man', 'vz6']],
  ['vpsadminos-convert --log-file f vz6 ', ['export', 'migrate']],
  ['vpsadminos-convert vz6 migrate c', ['cancel', 'cleanup']],
  ['vpsadminos-convert man ', []],
  ['vpsadminos-convert vz6 export --max-d', ['--max-downtime']],
];

test('bash: flags, values, command words', () => {
  for (const [line, expected] of BASH) assert.deepEqual(bash(line), expected, line);
});

test('bash and zsh: containers of this node, files, directories', (t) => {
  const { env } = startOpenVzNode(t, { plain: true });
  for (const line of ['vz-parse-config 1', 'vz-parse-config --strict ', 'vz-migrate-step sync '])
    assert.deepEqual(bash(line, { env }), ['101'], line);
  assert.deepEqual(bash('vz-parse-config 101 ', { env }), ['101']);
  assert.deepEqual(bash('vpsadminos-convert vz6 export ', { env }), ['101']);
  const cwd = mkdtempSync(join(tmpdir(), 'vz2osctl-completion-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'fi le'), '');
  mkdirSync(join(cwd, 'directory'));
  const files = { env, cwd };
  assert.deepEqual(bash('vpsadminos-convert vz6 export 101 ', files), ['directory', 'fi le']);
  assert.deepEqual(bash('osctl-bundle -o fi', files), ['fi le']);
  assert.deepEqual(bash('osctl-bundle --output=d', files), ['directory']);
  assert.deepEqual(bash('vz-migrate-step --hooks ', files), ['directory']);
  if (!needs(t, 'zsh')) return;
  assert.equal(zsh(t, 'vz-parse-config 1', { env }), 'vz-parse-config 101 ');
  assert.equal(zsh(t, 'vpsadminos-convert -q vz6 export ', { env }), 'vpsadminos-convert -q vz6 export 101 ');
  assert.equal(zsh(t, 'osctl-bundle -o f', files), 'osctl-bundle -o fi\\ le ');
});

test('bash: a node whose vzlist fails, or none, has no containers', (t) => {
  const bin = mkdtempSync(join(tmpdir(), 'vz2osctl-completion-'));
  t.after(() => rmSync(bin, { recursive: true }));
  assert.deepEqual(bash('vz-parse-config '), []);
  writeFileSync(join(bin, 'vzlist'), '#!/bin/sh\necho broken >&2\nexit 9\n', { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  assert.deepEqual(bash('vz-parse-config ', { env }), []);
});

const ZSH: readonly [string, string][] = [
  ['vz-to-osctl --netif-typ', 'vz-to-osctl --netif-type='],
  ['vz-to-osctl --netif-type b', 'vz-to-osctl --netif-type bridge '],
  ['vz-to-osctl --netif-type=r', 'vz-to-osctl --netif-type=routed '],
  ['vz-rootfs-tar --no-c', 'vz-rootfs-tar --no-consistent '],
  ['vz-migrate-step tr', 'vz-migrate-step transfer '],
  ['vpsadminos-convert vz6 mig', 'vpsadminos-convert vz6 migrate '],
  ['vpsadminos-convert -c off vz6 migrate st', 'vpsadminos-convert -c off vz6 migrate stage '],
  ['vz-report --format mark', 'vz-report --format markdown '],
];

test('zsh: flags, values, command words', (t) => {
  if (!needs(t, 'zsh')) return;
  for (const [line, expected] of ZSH) assert.equal(zsh(t, line), expected, line);
});
