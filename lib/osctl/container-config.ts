import { containerYml } from '../documents/container-yml.ts';
import type { Findings } from './findings.ts';
import { loadableConfig } from './loadable-config.ts';

/**
 * Checks config/container.yml. What osctld would stumble over is an error; what it ignores, has a default for or takes
 * though it is unlike what we write (unknown keys, absent ones, other forms) is noted.
 */
export function checkContainerConfig(value: unknown, findings: Findings): void {
  const wrong = loadableConfig.safeParse(value).error?.issues ?? [];
  for (const { path, message } of wrong) findings.error('BAD_CONFIG', `${placeText(path)}${message}`);
  const told = new Set(wrong.map(({ path }) => path[0]));
  for (const issue of containerYml.safeParse(value).error?.issues ?? []) {
    const [key] = issue.path;
    const text = placeText(issue.path);
    if (key !== undefined && told.has(key)) continue;
    if (issue.code === 'unrecognized_keys') {
      findings.warning('UNKNOWN_KEY', `${text}keys that we never write: ${issue.keys.join(', ')}`);
    } else if (isAbsent(value, issue.path)) {
      findings.warning('ABSENT_KEY', `${text}absent, osctld's default counts`);
    } else if (key === 'devices' || key === 'mounts') {
      findings.warning('NODE_DEPENDENT', `${text}must be there on the node`);
    } else if (key !== undefined) {
      findings.warning('UNUSUAL_VALUE', `${text}${issue.message}, but osctld takes what is there`);
    }
  }
}

function placeText(path: readonly PropertyKey[]): string {
  return `config/container.yml: ${path.length === 0 ? '' : `${path.map(String).join('.')}: `}`;
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let place: unknown = value;
  for (const part of path) {
    if (typeof place !== 'object' || place === null) return false;
    place = Reflect.get(place, part);
  }
  return path.length > 0 && place === undefined;
}
