/** Names that osctld has a configurator for; every other one runs as `other`, without its network or hostname set up. */
export const DISTRIBUTIONS: ReadonlySet<string> = new Set(
  `almalinux alpine arch centos chimera debian devuan fedora gentoo guix nixos opensuse rocky slackware ubuntu
   void`.split(/\s+/),
);

/** What a template's name or os-release says the guest is. */
export interface Guess {
  /** A name of `DISTRIBUTIONS`. */
  readonly distribution: string;
  /** In osctld's format for it; null: not said, or not in that format. */
  readonly version: string | null;
  /** The name it goes by itself, where osctld only has a relative of it. */
  readonly relative: string | null;
}

/** `name` is a template's first word or os-release's ID, in any case. Undefined: not known. */
export function guessDistribution(name: string, version: string | null): Guess | undefined {
  const lower = name.toLowerCase();
  const relative = RELATIVES.get(lower);
  const distribution = relative ?? SPELLINGS.get(lower) ?? lower;
  if (!DISTRIBUTIONS.has(distribution)) return undefined;
  return {
    distribution,
    version: version === null ? null : formatVersion(distribution, version, lower),
    relative: relative === undefined ? null : lower,
  };
}

/** The version behind a release's name (`wheezy`), or behind `el6`, which is how rebuilds of RHEL call theirs. null: none. */
export function releaseVersion(distribution: string, word: string): string | null {
  return RELEASE_NAMES.get(distribution)?.get(word) ?? /^el(\d{1,2})$/.exec(word)?.[1] ?? null;
}

/** The format of vpsAdminOS's distributions specification: `7.0` is Debian's `7`, `42.1` is openSUSE's `leap-42.1`. */
function formatVersion(distribution: string, version: string, name: string): string | null {
  const [, major, minor] = /^(\d{1,8})(?:\.(\d{1,8}))?(?!\d)/.exec(version) ?? [];
  const date = /(?:^|\D)(\d{8})$/.exec(version)?.[1] ?? null;
  if (DATED.has(distribution)) return date;
  if (distribution === 'void')
    return date && (/^(glibc|musl)-\d{8}$/.test(version) ? version : `glibc-${date}`);
  if (distribution === 'opensuse' && date) return `tumbleweed-${date}`;
  if (major === undefined) return null;
  if (MAJOR_ONLY.has(distribution)) return major;
  if (WITH_MINOR.has(distribution)) return `${major}.${minor ?? '0'}`;
  const short = minor === undefined ? major : `${major}.${minor}`;
  const isLeap = distribution === 'opensuse' && !name.startsWith('sle') && LEAP.has(major);
  return isLeap ? `leap-${short}` : short;
}

function releases(table: string): ReadonlyMap<string, string> {
  const pairs = table.matchAll(/(\w+) ([\d.]+)/g);
  return new Map([...pairs].map(([, name = '', version = '']) => [name, version]));
}

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['alma', 'almalinux'],
  ['archlinux', 'arch'],
  ['opensuse-leap', 'opensuse'],
  ['opensuse-tumbleweed', 'opensuse'],
  ['rockylinux', 'rocky'],
  ['suse', 'opensuse'],
]);

/** Distributions without a configurator, each with the nearest relative that has one. */
const RELATIVES: ReadonlyMap<string, string> = new Map([
  ...[
    'cloudlinux',
    'ol',
    'oracle',
    'oraclelinux',
    'redhat',
    'rhel',
    'scientific',
    'sl',
    'virtuozzo',
    'vzlinux',
  ].map((name) => [name, 'centos'] as const),
  ...['sled', 'sles', 'sles_sap'].map((name) => [name, 'opensuse'] as const),
]);

/** Releases by the names that templates and debian_version use instead of a version, from OpenVZ's time and since. */
const RELEASE_NAMES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'debian',
    releases(
      `sarge 3 etch 4 lenny 5 squeeze 6 wheezy 7 jessie 8 stretch 9 buster 10 bullseye 11 bookworm 12 trixie 13`,
    ),
  ],
  [
    'ubuntu',
    releases(
      `dapper 6.06 edgy 6.10 feisty 7.04 gutsy 7.10 hardy 8.04 intrepid 8.10 jaunty 9.04 karmic 9.10 lucid 10.04
       maverick 10.10 natty 11.04 oneiric 11.10 precise 12.04 quantal 12.10 raring 13.04 saucy 13.10 trusty 14.04
       utopic 14.10 vivid 15.04 wily 15.10 xenial 16.04 yakkety 16.10 zesty 17.04 artful 17.10 bionic 18.04
       cosmic 18.10 disco 19.04 eoan 19.10 focal 20.04 groovy 20.10 hirsute 21.04 impish 21.10 jammy 22.04
       kinetic 22.10 lunar 23.04 mantic 23.10 noble 24.04`,
    ),
  ],
  ['devuan', releases('jessie 1.0 ascii 2.0 beowulf 3.0 chimaera 4.0 daedalus 5.0')],
]);

const DATED: ReadonlySet<string> = new Set(['arch', 'chimera', 'gentoo']);
const MAJOR_ONLY: ReadonlySet<string> = new Set(['almalinux', 'centos', 'debian', 'fedora', 'rocky']);
const WITH_MINOR: ReadonlySet<string> = new Set(['alpine', 'devuan', 'slackware']);
const LEAP: ReadonlySet<string> = new Set(['15', '16', '42']);
