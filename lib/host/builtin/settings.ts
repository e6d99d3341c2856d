import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostKeyChecking, SshTarget } from '../../documents/source.ts';
import { EXIT, VzError } from '../../errors.ts';
import { labelOf } from '../remote.ts';
import type { Algorithms } from './algorithms.ts';
import { acceptedKeyTypes, chooseAlgorithms } from './algorithms.ts';
import type { SshConfig } from './read-config.ts';

/** All that a connection needs to know. */
export interface Settings {
  readonly target: SshTarget;
  readonly label: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** What the host is called in known_hosts. */
  readonly knownAs: string;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly hostKeyChecking: HostKeyChecking;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Types of keys that may be shown to the server. null: all. */
  readonly keyTypes: readonly string[] | null;
  /** The agent's socket. */
  readonly agent: string | null;
  readonly algorithms: Algorithms;
  readonly compression: boolean;
  /** 0: either. */
  readonly family: 0 | 4 | 6;
  readonly localAddress: string | undefined;
  readonly connectTimeoutMs: number;
  readonly attempts: number;
  readonly aliveIntervalMs: number;
  readonly aliveCount: number;
}

/** Throws VzError (69) for what ssh_config asks for and the built-in client cannot do: to leave it out would be wrong or unsafe. */
export function makeSettings(target: SshTarget, config: SshConfig): Settings {
  const label = labelOf(target);
  refuseUnsupported(config, label);
  const first = (keyword: string): string | undefined => firstValue(config, keyword);
  const hostName = first('hostname') ?? target.name;
  const port = Number(first('port') ?? '22');
  const user = first('user') ?? userInfo().username;
  const expand = (path: string): string => expandPath(path, { hostName, port, user, target });
  const files = (keyword: string, fallback: string): string[] =>
    splitWords(config.get(keyword)?.join(' ') ?? fallback).map((path) => requireWhole(expand(path), label));
  const number = (keyword: string, fallback: number): number => {
    const value = first(keyword) ?? '';
    return /^[1-9]\d{0,6}$/.test(value) ? Number(value) : fallback;
  };
  const alias = first('hostkeyalias');
  // ssh -G leaves out a file that is not there.
  const given = target.identity === null ? [] : [target.identity];
  const named = (config.get('identityfile') ?? DEFAULT_IDENTITIES)
    .filter((path) => path !== 'none')
    .map((path) => expand(unquote(path)));
  const family = first('addressfamily');
  return {
    ...{ target, label, hostName, port, user },
    knownAs: alias ?? (port === 22 ? hostName : `[${hostName}]:${port}`).toLowerCase(),
    userKnownHosts: files('userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2'),
    globalKnownHosts: files('globalknownhostsfile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    hostKeyChecking: target.hostKeyChecking ?? 'yes',
    identityFiles: [...new Set([...given, ...named])],
    identitiesOnly: first('identitiesonly') === 'yes',
    keyTypes: acceptedKeyTypes(config),
    agent: agentSocket(first('identityagent'), expand),
    algorithms: chooseAlgorithms(config, target.legacy),
    compression: first('compression') === 'yes',
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 0,
    localAddress: first('bindaddress'),
    connectTimeoutMs: number('connecttimeout', 20) * 1000,
    attempts: number('connectionattempts', 1),
    aliveIntervalMs: number('serveraliveinterval', 15) * 1000,
    aliveCount: number('serveralivecountmax', 3),
  };
}

/** The first value of a keyword; undefined when it is not set. `none` is how `ssh -G` shows that. */
export function firstValue(config: SshConfig, keyword: string): string | undefined {
  const value = config.get(keyword)?.[0];
  return value === undefined || value.toLowerCase() === 'none' ? undefined : unquote(value);
}

/**
 * `ssh -G` prints lists of paths without quotes: of one with a blank, only pieces are seen, and what stands in it about host
 * keys would not count.
 */
function requireWhole(path: string, label: string): string {
  if (path.startsWith('/')) return path;
  throw new VzError('SSH_CONFIG', {
    exit: EXIT.unavailable,
    where: label,
    what: `ssh_config names a known_hosts file with a blank in its name, or not from the root: ${path}`,
    hint: 'use --ssh openssh',
  });
}

function refuseUnsupported(config: SshConfig, label: string): void {
  for (const [keyword, name] of UNSUPPORTED) {
    if (firstValue(config, keyword) === undefined) continue;
    throw new VzError('SSH_CONFIG', {
      exit: EXIT.unavailable,
      where: label,
      what: `ssh_config has ${name} for it, which the built-in client does not do`,
      hint: 'use --ssh openssh',
    });
  }
}

/** ssh_config(5), IdentityAgent: a path, a variable, `none`, or SSH_AUTH_SOCK for what the environment says. */
function agentSocket(value: string | undefined, expand: (path: string) => string): string | null {
  const fromEnvironment = process.env['SSH_AUTH_SOCK'] || null;
  if (value === undefined || value === 'SSH_AUTH_SOCK') return fromEnvironment;
  if (value.startsWith('$')) return process.env[value.slice(1).replace(/^\{(.*)\}$/, '$1')] || null;
  return expand(value);
}

interface Names {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly target: SshTarget;
}

/** ssh_config(5), TOKENS, and the tilde. A relative path is one of the working directory, as for ssh. */
function expandPath(path: string, { hostName, port, user, target }: Names): string {
  const tokens: Record<string, string> = {
    '%': '%',
    d: homedir(),
    h: hostName,
    i: String(process.getuid?.() ?? ''),
    n: target.name,
    p: String(port),
    r: user,
    u: userInfo().username,
  };
  const home = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  return home.replace(/%(.)/g, (token, letter: string) => tokens[letter] ?? token);
}

function splitWords(text: string): string[] {
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  return words.map(unquote).filter((word) => word !== 'none');
}

function unquote(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

/** What changes where a connection goes, or which host keys are good. */
const UNSUPPORTED = [
  ['proxyjump', 'ProxyJump'],
  ['proxycommand', 'ProxyCommand'],
  ['knownhostscommand', 'KnownHostsCommand'],
  ['revokedhostkeys', 'RevokedHostKeys'],
] as const;
