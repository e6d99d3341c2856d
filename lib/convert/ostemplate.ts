import type { Guess } from './distributions.ts';
import { guessDistribution, releaseVersion } from './distributions.ts';
import type { Arch } from './options.ts';

export interface Template {
  /** undefined: a name of its own, or none that is known. */
  readonly guess: Guess | undefined;
  readonly arch: Arch | null;
}

/**
 * Reads an OSTEMPLATE: `debian-7.0-x86_64`, `.centos-6-x86` (EZ template), `centos7-x86_64`,
 * `local:vztmpl/debian-7.0-standard_7.0-2_i386.tar.gz` (Proxmox VE), `ubuntu-trusty-x86_64`, `redhat-el6-x86`, in any
 * case. The first word is the name, a release's name or the first word of digits the version; the architecture can stand
 * anywhere.
 */
export function readTemplate(ostemplate: string): Template {
  const name = ostemplate
    .slice(0, LONGEST)
    .replace(/^.*[/:]/s, '')
    .replace(/^\./, '')
    .replace(/\.(tar(\.[a-z0-9]+)?|tgz)$/i, '')
    .toLowerCase();
  const [first = '', ...words] = name.split('-');
  const [, letters = '', digits = ''] = /^([a-z_]*)([\d.]*)$/.exec(first) ?? [];
  // A release's name comes first: what else is made of digits may be the date of a build.
  const [release] = words.flatMap((word) => releaseVersion(letters, word) ?? []);
  const version = digits || release || words.find((word) => /^\d[\d.]*$/.test(word)) || null;
  const libc = words.find((word) => word === 'musl' || word === 'glibc');
  return {
    guess: guessDistribution(letters, version !== null && libc ? `${libc}-${version}` : version),
    arch: archOf(name),
  };
}

function archOf(name: string): Arch | null {
  const [, word] = /(?:^|[-_.])(x86[_-]64|amd64|x86|i[3-6]86)(?=$|[-_.])/.exec(name) ?? [];
  if (word === undefined) return null;
  return word.endsWith('64') ? 'x86_64' : 'x86';
}

/** File names end at 255 bytes. */
const LONGEST = 1024;
