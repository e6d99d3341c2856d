import { containerYml } from '../documents/container-yml.ts';
import type { Findings } from './findings.ts';

/**
 * Checks config/container.yml. What osctld ignores or has a default for (unknown keys, absent ones) is noted; what it
 * would stumble over is an error.
 */
export function checkContainerConfig(value: unknown, findings: Findings): void {
  const parsed = containerYml.safeParse(value);
  if (parsed.success) return;
  for (const issue of parsed.error.issues) {
    const place = issue.path.join('.');
    const text = `${NAME}: ${place === '' ? '' : `${place}: `}`;
    const last = issue.path.at(-1);
    if (issue.code === 'unrecognized_keys') {
      findings.warning('UNKNOWN_KEY', `${text}keys that were not checked: ${issue.keys.join(', ')}`);
    } else if (isAbsent(value, issue.path) && !REQUIRED.has(String(last))) {
      findings.warning('ABSENT_KEY', `${text}absent, osctld's default counts`);
    } else if (issue.path[0] === 'devices' || issue.path[0] === 'mounts') {
      findings.warning('NODE_DEPENDENT', `${text}must be there on the node`);
    } else {
      findings.error('BAD_CONFIG', `${text}${issue.message}`);
    }
  }
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let place: unknown = value;
  for (const part of path) {
    if (typeof place !== 'object' || place === null) return false;
    place = Reflect.get(place, part);
  }
  return path.length > 0 && place === undefined;
}

const NAME = 'config/container.yml';

/** Keys without which osctld fails, soon or at the first start. */
const REQUIRED = new Set([
  ...[
    'distribution',
    'version',
    'arch',
    'type',
    'name',
    'subsystem',
    'value',
    'soft',
    'hard',
    'priority',
    'delay',
  ],
]);
