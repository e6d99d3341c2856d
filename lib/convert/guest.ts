import { basename } from 'node:path';
import type { Facts } from '../documents/facts.ts';
import type { Guess } from './distributions.ts';
import { guessDistribution, releaseVersion } from './distributions.ts';

/** Undefined: the root filesystem says nothing. `unknown`: it names a distribution that osctld has nothing for. */
export type GuestGuess = Guess | { readonly unknown: string } | undefined;

/**
 * What the root filesystem says it is: os-release, else the older files. A template only knows what the container
 * was made from, and guests are upgraded in place.
 *
 * debian_version is also found on Ubuntu and Devuan, which have lsb-release and devuan_version, too; where these are
 * missing as well as os-release, the template tells them apart.
 */
export function guessFromGuest(
  { osRelease, releaseFiles }: Facts['guest'],
  template: Guess | undefined,
): GuestGuess {
  const files = new Map(
    Object.entries(releaseFiles).map(([path, text]) => [basename(path), text.slice(0, LONGEST)]),
  );
  if (osRelease?.id) {
    const guess = guessDistribution(osRelease.id, osRelease.versionId);
    if (guess === undefined) return { unknown: osRelease.id };
    return guess.version === null ? { ...guess, version: versionFrom(files, guess.distribution) } : guess;
  }
  return (
    fromRedHat(files.get('redhat-release')) ??
    fromSuse(files.get('SuSE-release')) ??
    fromOthers(files, template)
  );
}

/** Testing systems of Debian and early Devuan have no VERSION_ID. */
function versionFrom(files: ReadonlyMap<string, string>, distribution: string): string | null {
  if (distribution === 'debian') return debianVersion(files.get('debian_version'));
  if (distribution === 'devuan') return devuanVersion(files.get('devuan_version'));
  return null;
}

function fromOthers(files: ReadonlyMap<string, string>, template: Guess | undefined): Guess | undefined {
  for (const [file, name] of SIMPLE_FILES) {
    const text = files.get(file);
    if (text !== undefined) return guessDistribution(name, /\d[\d.]*/.exec(text)?.[0] ?? null);
  }
  const devuan = files.get('devuan_version');
  if (devuan !== undefined) return guessDistribution('devuan', devuanVersion(devuan));
  const ubuntu = /^Ubuntu (\d+\.\d+)/i.exec(files.get('lsb-release') ?? '')?.[1];
  if (ubuntu !== undefined) return guessDistribution('ubuntu', ubuntu);
  const debian = files.get('debian_version');
  if (debian === undefined || template?.distribution === 'ubuntu' || template?.distribution === 'devuan')
    return undefined;
  return guessDistribution('debian', debianVersion(debian));
}

/** `CentOS release 6.10 (Final)`, `Red Hat Enterprise Linux Server release 5.11 (Tikanga)`. */
function fromRedHat(text: string | undefined): Guess | undefined {
  const [, name, version] = /^(.+?) release (\d[\d.]*)/.exec(text ?? '') ?? [];
  const word = /^(centos|fedora|scientific|red hat|cloudlinux|oracle|virtuozzo|almalinux|rocky)/i.exec(
    name ?? '',
  )?.[1];
  return word && version ? guessDistribution(word.replace(' ', ''), version) : undefined;
}

/** `openSUSE 13.1 (x86_64)`, `SUSE Linux Enterprise Server 11 (x86_64)`. */
function fromSuse(text: string | undefined): Guess | undefined {
  if (text === undefined) return undefined;
  const version = /\d[\d.]*/.exec(text)?.[0] ?? null;
  return guessDistribution(/enterprise/i.test(text) ? 'sles' : 'opensuse', version);
}

/** `7.11`, or `wheezy/sid` of a testing system. */
function debianVersion(text: string | undefined): string | null {
  const major = /^\d+/.exec(text ?? '')?.[0];
  return major ?? releaseVersion('debian', /^[a-z]+/.exec(text ?? '')?.[0] ?? '');
}

/** `jessie`, `ascii/ceres`. */
function devuanVersion(text: string | undefined): string | null {
  return releaseVersion('devuan', /^[a-z]+/.exec(text ?? '')?.[0] ?? '');
}

/** The date of arch-release and gentoo-release is no build date, so those give no version. */
const SIMPLE_FILES = [
  ['alpine-release', 'alpine'],
  ['slackware-version', 'slackware'],
  ['gentoo-release', 'gentoo'],
  ['arch-release', 'arch'],
] as const;

/** First lines of files in a container that anyone may have written. */
const LONGEST = 1024;
