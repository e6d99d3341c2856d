import type { ParsedKey, SigningRequestOptions } from 'ssh2';
import { OpenSSHAgent, utils } from 'ssh2';
import { EXIT, systemCode, VzError } from '../../errors.ts';
import { readSmallFile } from '../read-file.ts';
import { fingerprint } from './known-hosts.ts';
import type { Settings } from './settings.ts';

/** A key that can be shown to the server. `sign` rejects when its owner (the agent) refuses. */
export interface Identity {
  readonly publicKey: ParsedKey;
  /** For messages: where it is from. */
  readonly label: string;
  readonly sign: (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>;
}

export interface Identities {
  /** In the order of OpenSSH: the agent's that the config names, the agent's others, those in files. */
  readonly ready: readonly Identity[];
  /** Files that need a passphrase. */
  readonly encrypted: readonly string[];
  /** Why others are not among them. */
  readonly notes: readonly string[];
}

/** Throws VzError (77) when the file that the command line names cannot be read or is no key. */
export async function findIdentities(settings: Settings): Promise<Identities> {
  const notes: string[] = [];
  const files = settings.identityFiles.map((path) => readKeyFile(path, settings, notes));
  const agentKeys = await askAgent(settings.agent, notes);
  const named = files.flatMap(({ publicKey }) => publicKey ?? []);
  const isNamed = ({ publicKey }: Identity): boolean => named.some((key) => isSame(key, publicKey));
  const others = settings.identitiesOnly ? [] : agentKeys.filter((key) => !isNamed(key));
  const inAgent = (key: ParsedKey | undefined): boolean =>
    key !== undefined && agentKeys.some(({ publicKey }) => isSame(publicKey, key));
  const left = files.filter(({ publicKey }) => !inAgent(publicKey));
  const ready = [...agentKeys.filter(isNamed), ...others, ...left.flatMap(({ identity }) => identity ?? [])];
  return {
    ready: ready.filter(({ publicKey }) => settings.keyTypes?.includes(publicKey.type) ?? true),
    encrypted: left.filter(({ encrypted }) => encrypted).map(({ path }) => path),
    notes,
  };
}

/** Throws VzError (77) when the passphrase is wrong. */
export function decryptKey(path: string, passphrase: string): Identity {
  const key = utils.parseKey(readSmallFile(path, LARGEST_KEY_BYTES), passphrase);
  if (key instanceof Error) throw unusable(path, 'the passphrase is wrong');
  return fileIdentity(path, key);
}

interface KeyFile {
  readonly path: string;
  readonly encrypted: boolean;
  readonly publicKey: ParsedKey | undefined;
  readonly identity: Identity | undefined;
}

function readKeyFile(path: string, { target }: Settings, notes: string[]): KeyFile {
  const nothing = { path, encrypted: false, publicKey: readPublicKey(path), identity: undefined };
  const given = path === target.identity;
  let text: Buffer;
  try {
    text = readSmallFile(path, LARGEST_KEY_BYTES);
  } catch (cause) {
    const code = cause instanceof VzError ? cause.what : systemCode(cause);
    if (given) throw unusable(path, `cannot be read (${code})`);
    if (code !== 'ENOENT') notes.push(`${path} cannot be read (${code})`);
    return nothing;
  }
  const key = utils.parseKey(text);
  if (!(key instanceof Error)) {
    if (key.isPrivateKey()) return { ...nothing, publicKey: key, identity: fileIdentity(path, key) };
    // A public key says which one of the agent is meant.
    return { ...nothing, publicKey: key };
  }
  if (/encrypted/i.test(key.message)) return { ...nothing, encrypted: true };
  if (given) throw unusable(path, `is no key that can be read (${key.message})`);
  notes.push(`${path} cannot be used (${key.message})`);
  return nothing;
}

/** ssh-keygen(1) keeps the public half beside the private one, and an encrypted one can so be told from the others. */
function readPublicKey(path: string): ParsedKey | undefined {
  try {
    const key = utils.parseKey(readSmallFile(`${path}.pub`, LARGEST_KEY_BYTES));
    return key instanceof Error ? undefined : key;
  } catch {
    return undefined;
  }
}

function fileIdentity(path: string, key: ParsedKey): Identity {
  return {
    publicKey: key,
    label: path,
    sign: async (data, { hash }) => {
      // It returns what it fails with.
      const signature: unknown = key.sign(data, hash);
      if (!Buffer.isBuffer(signature)) throw new Error(`${path} does not sign`);
      return signature;
    },
  };
}

async function askAgent(socket: string | null, notes: string[]): Promise<Identity[]> {
  if (socket === null) return [];
  const agent = new OpenSSHAgent(socket);
  const keys = await new Promise<readonly ParsedKey[]>((resolve) => {
    const silent = setTimeout(() => {
      notes.push(`the agent ${socket} does not answer`);
      resolve([]);
    }, AGENT_MS);
    agent.getIdentities((error, found) => {
      clearTimeout(silent);
      if (error) notes.push(`the agent ${socket} does not answer`);
      resolve(error || !found ? [] : found.flatMap(parsePublicKey));
    });
  });
  return keys.map((publicKey) => ({
    publicKey,
    label: `agent key ${fingerprint(publicKey.getPublicSSH())}`,
    sign: (data, options) =>
      new Promise((resolve, reject) => {
        agent.sign(publicKey, data, options, (error, signature) =>
          signature && !error ? resolve(signature) : reject(error ?? new Error('the agent refused')),
        );
      }),
  }));
}

/** Certificates and keys on tokens are not supported by ssh2. */
function parsePublicKey(key: unknown): ParsedKey[] {
  if (isParsedKey(key)) return [key];
  if (!Buffer.isBuffer(key) && typeof key !== 'string') return [];
  const parsed = utils.parseKey(key);
  return parsed instanceof Error ? [] : [parsed];
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

function isSame(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}

function unusable(path: string, what: string): VzError {
  return new VzError('NO_KEY', { exit: EXIT.noPermission, where: path, what });
}

/** A document from anyone may name any path: a device has no end. */
const LARGEST_KEY_BYTES = 256 * 1024;
/** An agent that hangs must not hold up what has other keys. */
const AGENT_MS = 10_000;
