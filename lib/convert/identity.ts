import { isHostname } from '../documents/names.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import { readAddress } from './address.ts';
import type { Context } from './context.ts';

/**
 * The hostname, or null: the guest keeps the one in its files. osctld does not check it, writes it into the guest's
 * files and into LXC's config at every start, and crashes on `""` and `"."`: so what is no hostname is left out.
 */
export function convertHostname({ ledger, options }: Context): string | null {
  const hostname = ledger.one('HOSTNAME', 'text');
  if (options.hostname !== null) {
    if (hostname) ledger.drop(hostname.item, '--hostname counts');
    return options.hostname;
  }
  if (!hostname) return null;
  const { item, value } = hostname;
  if (isHostname(value.text)) {
    ledger.convert(item, `hostname ${value.text}`);
    return value.text;
  }
  if (value.text === '') {
    ledger.drop(item, 'none: the guest keeps its own');
    return null;
  }
  const shown = JSON.stringify(value.text.slice(0, SHOWN_CHARACTERS));
  ledger.drop(item, 'no hostname; the guest keeps its own', 'minor');
  ledger.warn(
    'HOSTNAME_INVALID',
    `${shown} is no hostname; the guest keeps its own unless --hostname is given`,
    item,
  );
  return null;
}

/**
 * The resolvers, or null: the guest's resolv.conf is left alone (an empty list would empty it). `inherit` counts
 * only as the first word of all, and stands for the resolv.conf of the source node.
 */
export function convertResolvers(context: Context): string[] | null {
  const { ledger } = context;
  const lists = ledger.all('NAMESERVER', 'names');
  const [first] = lists;
  if (first?.value.inherit) {
    for (const { item } of lists.slice(1)) ledger.drop(item, 'inherit counts alone');
    return inheritResolvers(first.item, context);
  }
  const resolvers = new Set<string>();
  for (const { item, value } of lists) {
    const taken = value.names.flatMap((name) => {
      const address = readAddress(name);
      if (address) return [address.text];
      const shown = JSON.stringify(name.slice(0, SHOWN_CHARACTERS));
      ledger.warn('RESOLVER_INVALID', `${shown} is no IP address and is no resolver`, item);
      return [];
    });
    for (const text of taken) resolvers.add(text);
    const words = `dns_resolvers ${taken.join(', ')}`;
    if (value.names.length === 0) ledger.drop(item, 'none: resolv.conf stays');
    else if (taken.length === 0) ledger.drop(item, 'no IP address among them', 'major');
    else if (taken.length < value.names.length) ledger.approximate(item, `${words} alone`, 'major');
    else ledger.convert(item, words);
  }
  return resolvers.size > 0 ? [...resolvers] : null;
}

/** A resolver on the node's own loopback is another machine's in the container. */
function inheritResolvers(item: ConfigItem, { config, ledger }: Context): string[] | null {
  if (!config.facts) {
    ledger.drop(item, "the node's were not looked up; the guest's resolv.conf stays", 'minor');
    ledger.warn('RESOLVERS_UNKNOWN', "inherit needs the node's resolv.conf, which was not looked up", item);
    return null;
  }
  const addresses = config.facts.node.nameservers.map(readAddress);
  const resolvers = new Set(
    addresses.flatMap((address) => (address && address.range !== 'loopback' ? [address.text] : [])),
  );
  if (resolvers.size === 0) {
    ledger.drop(item, "no resolver of the node is of use; the guest's resolv.conf stays", 'minor');
    ledger.warn(
      'RESOLVERS_UNKNOWN',
      "the node's resolv.conf has no resolver that a container could use",
      item,
    );
    return null;
  }
  ledger.convert(item, `dns_resolvers ${[...resolvers].join(', ')} (of the node)`);
  return [...resolvers];
}

const SHOWN_CHARACTERS = 60;
