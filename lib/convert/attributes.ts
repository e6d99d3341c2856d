import { usedItems } from '../documents/effective.ts';
import { isPlainText } from '../documents/plain-text.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import { isDisabled } from './autostart.ts';
import type { Context } from './context.ts';

/**
 * What vpsAdminOS has no place for and people want to know: attributes of our vendor, which `osctl ct show` prints. Text
 * that would drive a terminal, or that is not UTF-8, is left out. `hasResolvers`: osctld writes the guest's resolv.conf.
 */
export function convertAttributes(
  context: Context,
  { hasResolvers }: { readonly hasResolvers: boolean },
): Record<string, string> {
  return {
    ...nameAttribute(context),
    ...textAttribute(context, 'DESCRIPTION'),
    ...textAttribute(context, 'ORIGIN_SAMPLE'),
    ...templateAttribute(context),
    ...stopTimeoutAttribute(context),
    ...searchDomainAttribute(context, hasResolvers),
    ...(isDisabled(context.config) ? attribute('DISABLED', 'yes') : {}),
  };
}

type Attributes = Record<string, string>;

/** `vz2osctl:` and the key in lower case. */
export function attributeName(key: string): string {
  return `vz2osctl:${key.toLowerCase()}`;
}

function attribute(key: string, text: string): Attributes {
  return { [attributeName(key)]: text };
}

/** A name that no link of /etc/vz/names leads back from is none to vzctl. */
function nameAttribute(context: Context): Attributes {
  if (context.config.facts?.nameLink !== false) return textAttribute(context, 'NAME');
  const name = context.ledger.one('NAME', 'text');
  if (name && name.value.text !== '') {
    context.ledger.drop(name.item, 'vzctl does not know the container by it: no link in its names directory');
  }
  return {};
}

function textAttribute({ ledger }: Context, key: 'NAME' | 'DESCRIPTION' | 'ORIGIN_SAMPLE'): Attributes {
  const taken = ledger.one(key, 'text');
  if (!taken || taken.value.text === '') return {};
  const { item, value } = taken;
  const unfit = whyUnfit(item, value.text);
  if (unfit !== null) {
    ledger.drop(item, unfit, 'minor');
    return {};
  }
  ledger.convert(item, `attribute ${attributeName(key)}`);
  return attribute(key, value.text);
}

/** OSTEMPLATE has its fate by what it says of the distribution. */
function templateAttribute({ config, ledger }: Context): Attributes {
  const item = usedItems(config, 'OSTEMPLATE').at(-1);
  if (item?.value?.type !== 'text' || item.value.text === '') return {};
  const unfit = whyUnfit(item, item.value.text);
  if (unfit === null) return attribute('OSTEMPLATE', item.value.text);
  ledger.warn('TEXT_NOT_CARRIED', `OSTEMPLATE is no attribute: ${unfit}`, item);
  return {};
}

function stopTimeoutAttribute({ ledger }: Context): Attributes {
  const taken = ledger.one('STOP_TIMEOUT', 'integer');
  if (!taken) return {};
  const { item, value } = taken;
  if (value.number === '0' || value.number === 'unlimited') {
    ledger.drop(item, `vzctl takes its usual ${VZCTL_STOP_SECONDS} seconds; ${OSCTLD_STOP}`);
    return {};
  }
  const isLonger = BigInt(value.number) > BigInt(OSCTLD_STOP_SECONDS);
  const words = `attribute ${attributeName('STOP_TIMEOUT')}; ${OSCTLD_STOP}`;
  ledger.approximate(item, words, isLonger ? 'minor' : 'info');
  return attribute('STOP_TIMEOUT', value.number);
}

/** Where osctld leaves the guest's resolv.conf alone, the search line that vzctl wrote stays in it. */
function searchDomainAttribute(context: Context, hasResolvers: boolean): Attributes {
  const { config, ledger } = context;
  const found = new Set<string>();
  let first: ConfigItem | undefined;
  for (const { item, value } of ledger.all('SEARCHDOMAIN', 'names')) {
    const words = value.inherit ? (config.facts?.node.searchDomains ?? []) : value.names;
    if (words.length === 0) {
      if (value.inherit) dropInherited(context, item, hasResolvers);
      continue;
    }
    const unfit = whyUnfit(item, [...found, ...words].join(' '));
    first ??= item;
    if (unfit !== null) {
      ledger.drop(item, unfit, hasResolvers ? 'major' : 'minor');
      continue;
    }
    for (const word of words) found.add(word);
    const became = `attribute ${attributeName('SEARCHDOMAIN')}${value.inherit ? ' (of the node)' : ''}`;
    if (hasResolvers) ledger.approximate(item, `${became} alone; ${REWRITTEN}`, 'major');
    else ledger.convert(item, `${became}; the guest's resolv.conf stays`);
  }
  if (hasResolvers && first) {
    const domains = [...found].join(' ') || 'of SEARCHDOMAIN';
    ledger.warn(
      'SEARCHDOMAIN_LOST',
      `osctld writes resolv.conf anew at each start: the search domains ${domains} are lost`,
      first,
    );
  }
  return found.size === 0 ? {} : attribute('SEARCHDOMAIN', [...found].join(' '));
}

function dropInherited({ config, ledger }: Context, item: ConfigItem, hasResolvers: boolean): void {
  if (config.facts) ledger.drop(item, 'inherit: the node has no search domains');
  else if (!hasResolvers) ledger.drop(item, "the guest's resolv.conf stays");
  else ledger.drop(item, `the node's search domains were not looked up; ${REWRITTEN}`, 'minor');
}

/** null: the text can be an attribute. */
function whyUnfit(item: ConfigItem, text: string): string | null {
  if (item.encoding !== 'utf8') return 'not carried: it is not UTF-8';
  return isPlainText(text) ? null : 'not carried: control characters, or more than 1024 characters';
}

const VZCTL_STOP_SECONDS = 120;
/** osctld kills what has not stopped by then, whatever the container. */
const OSCTLD_STOP_SECONDS = 300;
const OSCTLD_STOP = `osctld waits ${OSCTLD_STOP_SECONDS} seconds for every container`;
const REWRITTEN = 'osctld writes resolv.conf anew at each start, without search domains';
