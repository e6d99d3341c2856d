import type { ConfigItem, VzConfig } from './vz-config.ts';

/**
 * The items that count for a key, in file order, the container's before vz.conf's. Mostly none or one; an
 * accumulating list (IP_ADDRESS, CAPABILITY, …) may have several, each with only what it adds, so their values can
 * be joined as they stand.
 */
export function usedItems(config: Pick<VzConfig, 'items'>, key: string): ConfigItem[] {
  return config.items.filter((item) => item.state === 'used' && item.key === key);
}
