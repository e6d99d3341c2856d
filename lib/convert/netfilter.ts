import type { Context } from './context.ts';

/**
 * NETFILTER and IPTABLES, which choose what a container may use of netfilter. On vpsAdminOS each may use all of it in its
 * own network namespace, so nothing has to be set. Returns whether containers are to run inside: with a bridge and
 * connection tracking.
 */
export function convertNetfilter(
  { ledger }: Context,
  { hasBridge }: { readonly hasBridge: boolean },
): boolean {
  const netfilter = ledger.one('NETFILTER', 'text');
  const iptables = ledger.all('IPTABLES', 'words');
  if (netfilter) {
    for (const { item, value } of iptables) {
      if (value.words.length > 0) ledger.drop(item, 'NETFILTER counts');
    }
  }
  for (const { item, value } of netfilter ? [] : iptables) {
    if (value.words.some((word) => TRACKING.test(word))) ledger.drop(item, ON_DEMAND);
  }
  switch (netfilter?.value.text) {
    case 'disabled':
      ledger.drop(netfilter.item, 'not taken away: the container may use all of netfilter', 'minor');
      return false;
    case 'stateless':
      ledger.drop(netfilter.item, 'restricts nothing there: connection tracking is allowed, too');
      return false;
    case 'stateful':
    case 'full':
      if (hasBridge) ledger.convert(netfilter.item, `nesting, with bridge of FEATURES; ${ON_DEMAND}`);
      else ledger.drop(netfilter.item, ON_DEMAND);
      return hasBridge;
    default:
      return false;
  }
}

const ON_DEMAND = 'each container has netfilter, and the node loads its modules on demand';
/** Modules of connection tracking and NAT, such as `ip_conntrack_ftp`, `ipt_state`, `iptable_nat`. */
const TRACKING = /conntrack|nat|ipt_state|ipt_helper|ipt_REDIRECT/;
