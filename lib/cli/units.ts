const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90`, `90s`, `5m`, `2h` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,7})([smh]?)$/.exec(text);
  return match ? Number(match[1]) * (UNITS_MS[match[2] || 's'] ?? 0) : undefined;
}

/** For people: `0.4 s`, `75 s`, `12 min`, `3.5 h`. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** For people: `512 B`, `1.5 MiB`, `4 GiB`. */
export function formatBytes(bytes: bigint | number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = Number.isInteger(value)
    ? String(value)
    : value.toFixed(value < 10 ? 2 : 1).replace(/\.?0+$/, '');
  return `${text} ${units[unit]}`;
}

const SIZE_UNITS: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `512`, `64K`, `8M`, `1G` in bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  return match ? Number(match[1]) * (SIZE_UNITS[match[2]?.toUpperCase() ?? ''] ?? 0) : undefined;
}
