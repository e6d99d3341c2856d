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

/** The format of vpsAdminOS's distributions specification: `7.0` is Debian's `7`, `42.1` is openSUSE's `leap-42.1`. */
function formatVersion(distribution: string, version: string, name: string): string | null {
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  const date = /(?:^|\D)(\d{8})$/.exec(version)?.[1] ?? null;
  if (DATED.has(distribution)) return date;
  if (distribution === 'void') return date && (/^(glibc|musl)-/.test(version) ? version : `glibc-${date}`);
  if (distribution === 'opensuse' && date) return `tumbleweed-${date}`;
  if (major === undefined) return null;
  if (MAJOR_ONLY.has(distribution)) return major;
  if (WITH_MINOR.has(distribution)) return `${major}.${minor ?? '0'}`;
  const short = minor === undefined ? major : `${major}.${minor}`;
  const isLeap = distribution === 'opensuse' && !name.startsWith('sle') && LEAP.has(major);
  return isLeap ? `leap-${short}` : short;
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

const DATED: ReadonlySet<string> = new Set(['arch', 'chimera', 'gentoo']);
const MAJOR_ONLY: ReadonlySet<string> = new Set(['almalinux', 'centos', 'debian', 'fedora', 'rocky']);
const WITH_MINOR: ReadonlySet<string> = new Set(['alpine', 'devuan', 'slackware']);
const LEAP: ReadonlySet<string> = new Set(['15', '16', '42']);
