import type {
  AuthenticationType,
  IdentityCallback,
  NextAuthHandler,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';
import { BaseAgent } from 'ssh2';
import { EXIT, toError, VzError } from '../../errors.ts';
import type { Identities, Identity } from './identities.ts';
import { decryptKey } from './identities.ts';
import { askPassphrase, canAsk } from './passphrase.ts';
import type { Settings } from './settings.ts';

/**
 * Shows the server one key after the other: first those that are ready, then, when a person can be asked, those that need a
 * passphrase. Passwords are never sent.
 */
export class Authentication {
  readonly #settings: Settings;
  readonly #tried: string[] = [];
  readonly #notes: string[];
  readonly #ready: Identity[];
  readonly #encrypted: string[];
  #methods: readonly AuthenticationType[] | null = null;
  /** Why it ended before all was tried. */
  #failure: VzError | null = null;

  constructor(settings: Settings, { ready, encrypted, notes }: Identities) {
    this.#settings = settings;
    this.#ready = [...ready];
    this.#encrypted = [...encrypted];
    this.#notes = [...notes];
  }

  /** For ssh2, which asks for the next method each time that the server wants another. */
  readonly handler = (
    methods: readonly AuthenticationType[] | null,
    _partialSuccess: boolean,
    next: NextAuthHandler,
  ): void => {
    this.#methods = methods;
    this.#nextIdentities().then(
      (identities) => {
        const { user: username } = this.#settings;
        // RFC 4252, 5.2: "none" is how a client learns what the server takes.
        if (methods === null) next({ type: 'none', username });
        else if (identities === null) next(NO_MORE);
        else next({ type: 'agent', username, agent: this.#keyring(identities) });
      },
      (error) => {
        if (error instanceof VzError) this.#failure = error;
        else this.#notes.push(toError(error).message);
        next(NO_MORE);
      },
    );
  };

  /** What to say when the server took nothing. */
  get error(): VzError {
    if (this.#failure) return this.#failure;
    const tried = this.#tried.length === 0 ? 'there was no key to try' : `tried ${this.#tried.join(', ')}`;
    const wants = this.#methods?.length ? `the server takes ${this.#methods.join(', ')}` : null;
    return new VzError('NOT_ALLOWED', {
      exit: EXIT.noPermission,
      where: this.#settings.label,
      what: `no key was accepted for ${this.#settings.user}: ${[tried, wants, ...this.#notes].filter(Boolean).join('; ')}`,
      hint: 'give the key with --identity, or add it to the agent (ssh-add)',
    });
  }

  /** null: all was tried. Throws VzError (77) when a passphrase is wrong. */
  async #nextIdentities(): Promise<readonly Identity[] | null> {
    if (this.#methods === null) return null;
    const ready = this.#ready.splice(0);
    const identities = ready.length > 0 ? ready : await this.#unlock();
    this.#tried.push(...identities.map(({ label }) => label));
    return identities.length === 0 ? null : identities;
  }

  async #unlock(): Promise<readonly Identity[]> {
    for (let path = this.#encrypted.shift(); path !== undefined; path = this.#encrypted.shift()) {
      const passphrase = canAsk() ? await askPassphrase(path) : null;
      if (passphrase !== null) return [decryptKey(path, passphrase)];
      this.#notes.push(`${path} is encrypted: add it to the agent (ssh-add)`);
    }
    return [];
  }

  /** ssh2's agents are the only kind of key whose signatures can be looked at before they are made. */
  #keyring(identities: readonly Identity[]): BaseAgent {
    const { legacy } = this.#settings.target;
    const refuse = (note: string): Error => {
      this.#notes.push(note);
      return new Error(note);
    };
    return new (class extends BaseAgent<ParsedKey> {
      getIdentities(done: IdentityCallback<ParsedKey>): void {
        done(
          null,
          identities.map(({ publicKey }) => publicKey),
        );
      }

      sign(
        key: ParsedKey,
        data: Buffer,
        options: SigningRequestOptions | SignCallback,
        done?: SignCallback,
      ): void {
        const identity = identities.find(({ publicKey }) => publicKey === key);
        if (!identity || typeof options === 'function' || !done)
          throw new TypeError('not a key of this ring');
        // A server before OpenSSH 7.2 knows RSA signatures with SHA-1 only.
        if (key.type === 'ssh-rsa' && options.hash === 'sha1' && !legacy) {
          done(refuse(`${identity.label} would have to sign with SHA-1 (ssh-rsa): see --legacy`));
          return;
        }
        identity.sign(data, options).then(
          (signature) => done(null, signature),
          (error) => done(refuse(`${identity.label}: ${toError(error).message}`)),
        );
      }
    })();
  }
}

/** ssh2's documentation has it, its types have not. */
const NO_MORE = false as never;
