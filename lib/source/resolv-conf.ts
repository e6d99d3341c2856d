export interface ResolvConf {
  readonly nameservers: string[];
  readonly searchDomains: string[];
}

/**
 * resolv.conf(5): keyword and value from the first column; the last of `search` and `domain` counts. Words are not
 * checked here.
 */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  let searchDomains: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.split(/[ \t\r]+/).filter((word) => word !== '');
    if (!/^[a-z]/.test(line) || words[0] === undefined) continue;
    if (keyword === 'nameserver') nameservers.push(words[0]);
    if (keyword === 'search') searchDomains = words;
    if (keyword === 'domain') searchDomains = [words[0]];
  }
  return { nameservers, searchDomains };
}
