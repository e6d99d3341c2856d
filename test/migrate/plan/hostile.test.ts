import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import { planStep } from '../../../lib/migrate/plan/plan.ts';
import { STEP_NAMES, type StepName } from '../../../lib/migrate/steps/step.ts';
import { sampleHost } from '../../support/sample-migration.ts';
import { migrationVia, OPTIONS, type Via } from './setup.ts';

const WAYS: readonly Via[] = ['files', 'root', 'receive'];
const HOSTILE = `it's; "$(touch x)" \`touch x\` #\n*\\`;

for (const via of WAYS) {
  test(`${via}: whatever a name holds, the plan is lines of sh, here and at the other end`, () => {
    for (const step of STEP_NAMES) {
      const document = withNames(
        migrationVia(via, {
          step: AT[step] ?? 'staged',
          target: AT[step] === 'staging' ? null : TARGET,
          source: STOPPED,
        }),
      );
      const lines = planStep(step, document, {
        ...OPTIONS,
        ...{ hooksDir: HOSTILE, stateDir: HOSTILE, passphraseFile: HOSTILE, deleteSource: true },
      });
      parses(lines.join('\n'));
      for (const line of lines.filter((one) => one.startsWith('#'))) assert.ok(!line.includes('\n'), line);
      for (const line of lines.filter((one) => one.startsWith('ssh ')))
        for (const remote of remoteLines(line)) parses(remote);
    }
  });
}

function parses(script: string): void {
  execFileSync('sh', ['-n'], { input: script });
}

/** What each ssh of a line hands to the shell at the other end. */
function remoteLines(line: string): string[] {
  const ssh = `ssh() { for word; do :; done; printf '%s\\0' "$word" >&3; }; exec 3>&1 >/dev/null`;
  return execFileSync('sh', ['-c', `${ssh}; ${line}`])
    .toString()
    .split('\0');
}

function withNames(document: VzMigration): VzMigration {
  const { container, target, destination } = document;
  const host = sampleHost({ identity: HOSTILE, options: [`ProxyCommand=${HOSTILE}`] });
  const dataset = container.source.dataset && `tank/${HOSTILE}`;
  const named = { hostname: HOSTILE, distribution: HOSTILE };
  return {
    ...document,
    container: {
      ...container,
      config: { ...container.config, ...named },
      source: { ...container.source, host, privatePath: `/${HOSTILE}`, dataset },
    },
    destination: { ...destination, host: { ...host, name: 'node' } },
    target: target && { ...target, mountpoint: `/${HOSTILE}`, dataset: `tank/${HOSTILE}` },
  };
}

const AT: Partial<Record<StepName, VzMigration['step']>> = {
  stage: 'staging',
  now: 'staging',
  cleanup: 'transferred',
  rollback: 'transferred',
};
const TARGET = migrationVia('root').target;
const STOPPED: VzMigration['source'] = {
  wasRunning: true,
  onboot: 'yes',
  disabled: 'no',
  snapshots: ['vz2osctl-101-sync-1'],
};
