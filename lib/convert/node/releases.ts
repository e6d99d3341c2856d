/** What of a distribution's release is known without looking into it. */
export interface Release {
  /** The systemd that is its init; `none`: another init. null: not known. */
  readonly systemd: 'old' | 'new' | 'none' | null;
  /** Its glibc is older than 2.15. */
  readonly hasOldGlibc: boolean;
}

/**
 * For guests whose files do not say it. A release before `systemd` has another init, one before `modern` has a systemd older
 * than 230, and one before `glibc` a glibc older than 2.15.
 */
const RELEASES: Readonly<
  Record<string, { readonly systemd: number; readonly modern: number; readonly glibc: number }>
> = {
  centos: { systemd: 7, modern: 8, glibc: 7 },
  debian: { systemd: 8, modern: 9, glibc: 8 },
  fedora: { systemd: 15, modern: 25, glibc: 17 },
  ubuntu: { systemd: 15.04, modern: 16.1, glibc: 12.04 },
};

export function releaseOf(distribution: string, version: string): Release {
  const known = Object.hasOwn(RELEASES, distribution) ? RELEASES[distribution] : undefined;
  const number = Number.parseFloat(version);
  // 0 is what is taken where the version is not known.
  if (!known || Number.isNaN(number) || number === 0) return { systemd: null, hasOldGlibc: false };
  const systemd = number < known.systemd ? 'none' : number < known.modern ? 'old' : 'new';
  return { systemd, hasOldGlibc: number < known.glibc };
}
