/**
 * Options of ssh_config(5) that a document may carry, with what their values look like. A document may come from anyone,
 * so none of them can run a command, read another file, or weaken the check of the host key: HostKeyAlias is not among
 * them, since it lets one machine pass for another. The rest belongs in ssh_config, which every stage reads.
 */
export const TRAVELLING_OPTIONS: Readonly<Record<string, string>> = {
  AddressFamily: 'any|inet|inet6',
  BindAddress: '[0-9A-Fa-f:.]{2,45}',
  Ciphers: algorithms(),
  Compression: 'yes|no',
  ConnectTimeout: '[1-9][0-9]{0,4}',
  ConnectionAttempts: '[1-9][0-9]{0,2}',
  HostKeyAlgorithms: algorithms(),
  KexAlgorithms: algorithms(),
  MACs: algorithms(),
  Port: '[1-9][0-9]{0,4}',
  // One plain host: what is behind a comma or a percent sign would be read by ssh itself.
  ProxyJump: '([A-Za-z0-9_.][A-Za-z0-9_.-]*@)?[A-Za-z0-9_.][A-Za-z0-9_.-]*(:[0-9]{1,5})?',
  PubkeyAcceptedAlgorithms: algorithms(),
  ServerAliveCountMax: '[1-9][0-9]{0,3}',
  ServerAliveInterval: '[1-9][0-9]{0,4}',
  User: '[A-Za-z0-9_.][A-Za-z0-9_.@-]*',
};

/** `Port=2222`: the name as it is in the table, and a value of its kind. */
export const TRAVELLING_OPTION = pattern();

/** A list of names, or (sign in front) a change of the default list. */
function algorithms(): string {
  return '[+^-]?[a-z0-9@.-]+(,[a-z0-9@.-]+)*';
}

function pattern(): RegExp {
  const options = Object.entries(TRAVELLING_OPTIONS).map(([name, value]) => `${name}=(?:${value})`);
  return new RegExp(`^(?:${options.join('|')})$`);
}
