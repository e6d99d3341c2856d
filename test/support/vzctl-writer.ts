import type { ItemValue } from '../../lib/documents/values.ts';

/** A value as vzctl has it in memory. No limit is LONG_MAX there. */
export type Setting = Exclude<ItemValue, { type: 'limits' | 'meminfo' | 'integer' }> | Numbers;
type Numbers =
  | { readonly type: 'limits'; readonly barrier: bigint; readonly limit: bigint }
  | { readonly type: 'integer'; readonly number: bigint }
  | { readonly type: 'meminfo'; readonly mode: 'none' | 'pages' | 'privvmpages'; readonly number: bigint };

/**
 * The line that `vzctl set --save` writes for a setting (its save_config, conf_store_* and store_* functions):
 * equal barrier and limit as one number, LONG_MAX as `unlimited`, base units, MACs in upper case, addresses as
 * inet_ntop(3) has them. Lists of devices and modules end with a blank; of old versions (`isOld`) so do FEATURES
 * and CAPABILITY. Nothing is escaped.
 */
export function vzctlLine(key: string, setting: Setting, isOld: boolean): string {
  return `${key}="${vzctlText(setting)}${endsWithBlank(key, isOld) ? ' ' : ''}"`;
}

function vzctlText(setting: Setting): string {
  switch (setting.type) {
    case 'text':
      return setting.text;
    case 'flag':
      return setting.on ? 'yes' : 'no';
    case 'integer':
      return numberText(setting.number);
    case 'limits': {
      const { barrier, limit } = setting;
      return barrier === limit ? numberText(limit) : `${numberText(barrier)}:${numberText(limit)}`;
    }
    case 'cpulimit':
      return setting.percent;
    case 'addresses':
      return setting.addresses
        .map(({ address, prefix }) => (prefix === null ? address : `${address}/${prefix}`))
        .join(' ');
    case 'names':
      return setting.inherit ? 'inherit' : setting.names.join(' ');
    case 'words':
      return setting.words.join(' ');
    case 'netif':
      return setting.interfaces.map(netifText).join(';');
    case 'devices':
      return setting.devices
        .map(({ type, major, minor, mode }) => `${type[0]}:${major}:${minor ?? 'all'}:${mode || 'none'}`)
        .join(' ');
    case 'devnodes':
      return setting.nodes.map(({ name, mode }) => `${name}:${mode || 'none'}`).join(' ');
    case 'switches':
      return setting.switches.map(({ name, on }) => `${name}:${on ? 'on' : 'off'}`).join(' ');
    case 'layout':
      return setting.mode === null ? setting.layout : `${setting.layout}:${setting.mode}`;
    case 'cpumask':
      return setting.mask;
    case 'meminfo':
      return setting.mode === 'none' ? 'none' : `${setting.mode}:${setting.number}`;
  }
}

function endsWithBlank(key: string, isOld: boolean): boolean {
  return (
    ['DEVICES', 'DEVNODES', 'IPTABLES'].includes(key) || (isOld && ['FEATURES', 'CAPABILITY'].includes(key))
  );
}

function numberText(number: bigint): string {
  return number === LONG_MAX ? 'unlimited' : String(number);
}

type Interface = Extract<ItemValue, { type: 'netif' }>['interfaces'][number];

function netifText({ ifname, bridge, mac, hostIfname, hostMac, macFilter }: Interface): string {
  return [
    `ifname=${ifname}`,
    ...(bridge === null ? [] : [`bridge=${bridge}`]),
    ...(mac === null ? [] : [`mac=${mac.toUpperCase()}`]),
    ...(hostIfname === null ? [] : [`host_ifname=${hostIfname}`]),
    ...(hostMac === null ? [] : [`host_mac=${hostMac.toUpperCase()}`]),
    ...(macFilter === null ? [] : [`mac_filter=${macFilter ? 'on' : 'off'}`]),
  ].join(',');
}

const LONG_MAX = 2n ** 63n - 1n;
