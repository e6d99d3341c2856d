import type { NetInterface } from '../documents/container-yml.ts';
import type { IpAddress } from './address.ts';
import { NO_HOST, readAddress } from './address.ts';
import type { Context } from './context.ts';
import { makeInterface } from './interfaces.ts';

/**
 * The one interface for all venet addresses, or undefined where there are none. `taken` are the names of the veths,
 * which keep theirs.
 *
 * A routed one is the exact equivalent of venet: each address as a host route. The prefix that IP_ADDRESS may have only
 * shapes a file inside the guest, so it is never used; a bridge's comes from a flag, or from `--ip`.
 */
export function convertVenet(context: Context, taken: ReadonlySet<string>): NetInterface | undefined {
  const { options } = context;
  const name = freeName(options.netif.name, taken);
  const replaced = options.ips.get(name);
  const written = takeAddresses(context, name, replaced !== undefined);
  if (written.length === 0) return undefined;
  if (name !== options.netif.name) {
    context.ledger.warn(
      'VENET_RENAMED',
      `NETIF has an interface ${options.netif.name}: the one of the venet addresses is ${name}; --netif-name gives it another name`,
    );
  }
  const elsewhere = new Set(
    [...options.ips]
      .flatMap(([other, list]) => (other === name ? [] : list))
      .map(({ address }) => address.text),
  );
  for (const { text } of written.filter((address) => replaced === undefined && elsewhere.has(address.text))) {
    context.ledger.warn(
      'ADDRESS_TWICE',
      `${text} of IP_ADDRESS is an address of two interfaces, ${name} and that of --ip`,
    );
  }
  const { prefixes, hwaddr } = options.netif;
  const addresses =
    replaced ??
    written.map((address) => ({ address, prefix: address.family === 4 ? prefixes.v4 : prefixes.v6 }));
  return makeInterface(context, { name, hwaddr, addresses });
}

/** vzctl skips the unspecified addresses, which panels write for "none". */
function takeAddresses({ ledger, options }: Context, name: string, isReplaced: boolean): IpAddress[] {
  const found = new Map<string, IpAddress>();
  for (const { item, value } of ledger.all('IP_ADDRESS', 'addresses')) {
    const taken: string[] = [];
    let isWhole = true;
    for (const { address: written } of value.addresses) {
      const address = readAddress(written);
      if (address === undefined || (address.range !== 'unspecified' && NO_HOST.has(address.range))) {
        const text = `${JSON.stringify(written)} is no address that a host can have, and is left out`;
        ledger.warn('ADDRESS_INVALID', text, item);
        isWhole = false;
      } else if (address.range !== 'unspecified' && !found.has(address.text)) {
        found.set(address.text, address);
        taken.push(address.text);
      }
    }
    const words = `${options.netif.type} ${name} ${taken.join(', ')}`;
    if (taken.length === 0) ledger.drop(item, 'no address', isWhole ? 'info' : 'major');
    else if (isReplaced) ledger.drop(item, '--ip counts');
    else if (isWhole) ledger.convert(item, words);
    else ledger.approximate(item, `${words} alone`, 'major');
  }
  return [...found.values()];
}

/** The name itself, or the first ethN that no veth has. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 0; taken.has(name); number += 1) name = `eth${number}`;
  return name;
}
