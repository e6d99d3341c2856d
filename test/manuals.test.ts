import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { test } from 'node:test';
import { flagLabel, helpText } from '../lib/cli/help.ts';
import { allFlags } from '../lib/cli/spec.ts';
import { osctlBundle } from '../lib/cli/specs/osctl-bundle.ts';
import { osctlImport } from '../lib/cli/specs/osctl-import.ts';
import { osctlProbe } from '../lib/cli/specs/osctl-probe.ts';
import { vzGuestFix } from '../lib/cli/specs/vz-guest-fix.ts';
import { vzMigrateStep } from '../lib/cli/specs/vz-migrate-step.ts';
import { vzParseConfig } from '../lib/cli/specs/vz-parse-config.ts';
import { vzReport } from '../lib/cli/specs/vz-report.ts';
import { vzRootfsTar } from '../lib/cli/specs/vz-rootfs-tar.ts';
import { vzToOsctl } from '../lib/cli/specs/vz-to-osctl.ts';
import { vzZfsStream } from '../lib/cli/specs/vz-zfs-stream.ts';

const SPECS = [
  osctlBundle,
  osctlImport,
  osctlProbe,
  vzGuestFix,
  vzMigrateStep,
  vzParseConfig,
  vzReport,
  vzRootfsTar,
  vzToOsctl,
  vzZfsStream,
];
const HEADINGS = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'FILES', 'EXAMPLES'];

test('every program has a flag table, a manual and a build', () => {
  const names = SPECS.map(({ name }) => name).sort();
  const commands = readdirSync('cmd');
  assert.deepEqual(
    commands.filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts')),
    names,
  );
  assert.deepEqual(
    commands.filter((file) => file.endsWith('.8.md')).map((file) => basename(file, '.8.md')),
    names,
  );
  assert.deepEqual(readdirSync('dist/bin').sort(), names);
});

for (const spec of SPECS) {
  const manual = readFileSync(`cmd/${spec.name}.8.md`, 'utf8');
  const section = (heading: string): string =>
    new RegExp(`^## ${heading}\\n([^]*?)(?=^## |(?![^]))`, 'm').exec(manual)?.[1] ?? '';

  test(`${spec.name}: the manual has every section`, () => {
    for (const heading of HEADINGS) assert.notEqual(section(heading).trim(), '', heading);
    assert.equal(section('NAME').trim(), `${spec.name} - ${spec.summary}`);
  });

  test(`${spec.name}: the manual lists the flags of the table, and no others`, () => {
    const labels = [...section('OPTIONS').matchAll(/^`(-[^`]+)`$/gm)].map((match) => match[1]);
    assert.deepEqual(labels.sort(), allFlags(spec).map(flagLabel).sort());
  });

  test(`${spec.name}: --help is that of the table, on one screen`, () => {
    const help = execFileSync(resolve('dist/bin', spec.name), ['--help'], { encoding: 'utf8' });
    assert.equal(help, helpText(spec));
    assert.ok(help.split('\n').length <= 60, `${help.split('\n').length} lines`);
    assert.match(
      execFileSync(resolve('dist/bin', spec.name), ['--version'], { encoding: 'utf8' }),
      /^\S+ \(vz2osctl\) \d/,
    );
  });
}
