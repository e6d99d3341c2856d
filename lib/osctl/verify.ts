import { type Member, readMembers } from '../bundle/reader.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { localHost } from '../host/local.ts';
import { checkAccount } from './account-config.ts';
import { checkContainerConfig } from './container-config.ts';
import { type Finding, Findings } from './findings.ts';
import type { InnerTar } from './inner-tar.ts';
import { listInnerTar } from './inner-tar.ts';
import { judgeInnerTar } from './judge-inner-tar.ts';
import type { MemberReport } from './member-rules.ts';
import {
  checkHook,
  checkMembers,
  checkName,
  checkPayloads,
  hookDirectory,
  isSendStream,
  ROOTFS_TAR,
  SMALL_FILES,
} from './member-rules.ts';
import type { Metadata } from './metadata.ts';
import { checkMetadata } from './metadata.ts';
import { type PayloadSink, ReadNoFurther } from './payload-sink.ts';
import { SendStream, type SendStreamResult } from './send-stream.ts';
import { judgeSendStreams, judgeSnapshots } from './send-streams.ts';
import { parseSmallFile } from './small-file.ts';

export interface VerifyReport {
  readonly kind: 'archive-report';
  /** Nothing was found that osctld would refuse, or that would import as something else. */
  readonly ok: boolean;
  /** Id in metadata.yml; null when it names none or could not be read. */
  readonly container: string | null;
  readonly format: 'tar' | 'zfs' | null;
  readonly members: readonly MemberReport[];
  /** Entries of the root filesystem's tar; null when there is none. */
  readonly files: number | null;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** What osctld would make of the small files, for a comparison; undefined: not there, or not readable. */
export interface ArchiveContents {
  readonly config: unknown;
  readonly userConfig: unknown;
  readonly metadata: Metadata | undefined;
  readonly snapshots: unknown;
}

export interface VerifiedArchive {
  readonly report: VerifyReport;
  readonly contents: ArchiveContents;
}

export interface VerifyOptions {
  /** An archive of the type skel is right: it is not for an import. */
  readonly allowSkel?: boolean;
  readonly signal?: AbortSignal;
  /** Where tar and gzip run. Default: this machine. */
  readonly host?: Host;
  /** Takes the payloads on. */
  readonly sink?: PayloadSink;
}

/**
 * Reads an archive of `osctl ct import` as osctld would, to the end of the gzip and the tar inside, in constant memory,
 * and reports. An archive is never the cause of an exception; errors of the input, and of programs that cannot be run,
 * pass through. All of `input` is taken unless the tar structure itself is broken.
 */
export async function verifyArchive(
  input: AsyncIterable<Buffer>,
  { host = localHost, ...options }: VerifyOptions = {},
): Promise<VerifiedArchive> {
  const run = new Verification(host, options);
  try {
    try {
      for await (const member of readMembers(input, { onDirectory: run.directory })) await run.member(member);
    } catch (error) {
      run.refuse(error);
    }
    return await run.finish();
  } finally {
    await run.stop();
  }
}

class Verification {
  readonly findings = new Findings();
  /** The rest of the archive was not read. */
  isCut = false;
  readonly #host: Host;
  readonly #options: VerifyOptions;
  readonly #hookDirectories = new Set<string>();
  readonly #members = new Map<string, MemberReport>();
  readonly #small = new Map<string, Buffer>();
  readonly #streams: SendStreamResult[] = [];
  #openStream: SendStream | undefined;
  #innerTar: InnerTar | undefined;
  #last: string | undefined;

  constructor(host: Host, options: VerifyOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** What is the archive's fault becomes a finding; all else is thrown again. */
  refuse(error: unknown): void {
    if (error instanceof ReadNoFurther) this.isCut = true;
    else if (error instanceof VzError && error.exit === EXIT.data)
      this.findings.error(error.code, error.line);
    else throw error;
  }

  directory = (name: string): void => {
    const found = hookDirectory(name);
    if (found !== undefined && this.#hookDirectories.size < MAX_NAMES) this.#hookDirectories.add(found);
  };

  async member({ name, sizeBytes, data }: Member): Promise<void> {
    this.#last = name;
    const seen = this.#members.get(name);
    if (seen) {
      seen.segments += 1;
      seen.bytes += sizeBytes;
    } else if (this.#members.size < MAX_NAMES) {
      this.#members.set(name, { name, segments: 1, bytes: sizeBytes });
      checkName(name, this.findings);
      checkHook(name, this.#hookDirectories, this.findings);
    } else {
      throw new VzError('TOO_MANY_MEMBERS', { exit: EXIT.data, what: `more than ${MAX_NAMES} member names` });
    }
    if (name === ROOTFS_TAR) {
      this.#innerTar ??= await listInnerTar(this.#host, this.#options.signal);
      for await (const chunk of data) {
        await this.#innerTar.pour(chunk);
        await this.#options.sink?.take(name, chunk, null);
      }
    } else if (isSendStream(name)) {
      await this.#sendStream(name, data);
    } else if (SMALL_FILES.includes(name) && !seen) {
      this.#small.set(name, await this.#collect(name, sizeBytes, data));
    } else if (!SMALL_FILES.includes(name)) {
      this.#options.sink?.other(name);
    }
  }

  async finish(): Promise<VerifiedArchive> {
    const { findings } = this;
    const broken = findings.errors.length > 0 || this.isCut;
    const inner = await this.#innerTar?.finish();
    // Of an archive whose structure is broken, the rest is only what one expects.
    if (inner && !broken) judgeInnerTar(inner, findings);
    await this.#endStream().catch((error: unknown) => this.refuse(error));
    judgeSendStreams(this.#streams, findings);
    const ours = this.#members.keys().next().value === 'container.json';
    if (!broken) checkMembers(this.#members, this.#last, ours, findings);
    const rules = { allowSkel: this.#options.allowSkel === true };
    const [metadata] = this.#parsed('metadata.yml', ours).map((value) =>
      checkMetadata(value, findings, rules),
    );
    if (metadata && !broken) checkPayloads(this.#members, metadata, findings);
    const [config] = this.#parsed('config/container.yml', ours);
    if (config !== undefined) checkContainerConfig(config, findings);
    const [userConfig] = this.#parsed('config/user.yml', ours);
    if (userConfig !== undefined) checkAccount('user', userConfig, findings);
    const [groupConfig] = this.#parsed('config/group.yml', ours);
    if (groupConfig !== undefined) checkAccount('group', groupConfig, findings);
    this.#parsed('container.json', ours);
    const [snapshots] = this.#parsed('snapshots.yml', ours);
    if (snapshots !== undefined && metadata?.format === 'zfs' && !broken)
      judgeSnapshots(snapshots, this.#streams, metadata.datasets, findings);
    const report: VerifyReport = {
      kind: 'archive-report',
      ok: findings.errors.length === 0,
      container: metadata?.container ?? null,
      format: metadata?.format ?? null,
      members: [...this.#members.values()],
      files: inner?.files ?? null,
      errors: findings.errors,
      warnings: findings.warnings,
    };
    return { report, contents: { config, userConfig, metadata, snapshots } };
  }

  /** One at a time is open, so that an archive of many takes no more memory. */
  async #sendStream(name: string, data: AsyncIterable<Buffer>): Promise<void> {
    if (this.#openStream?.name !== name) {
      await this.#endStream();
      if (this.#streams.some((stream) => stream.name === name))
        this.findings.error('MEMBER_SCATTERED', `${name} comes again behind another payload`);
      this.#openStream = new SendStream(name);
    }
    for await (const chunk of data) {
      await this.#openStream.push(chunk);
      await this.#options.sink?.take(name, chunk, this.#openStream);
    }
  }

  async #endStream(): Promise<void> {
    const stream = this.#openStream;
    this.#openStream = undefined;
    if (!stream) return;
    this.#streams.push(await stream.finish());
    if (!this.isCut) await this.#options.sink?.streamEnded(stream);
  }

  async stop(): Promise<void> {
    this.isCut = true;
    await this.#endStream();
    await this.#innerTar?.stop();
  }

  #parsed(name: string, ours: boolean): unknown[] {
    const data = this.#small.get(name);
    const parsed = data && parseSmallFile(name, data, ours, this.findings);
    return parsed ? [parsed.value] : [];
  }

  async #collect(name: string, sizeBytes: number, data: AsyncIterable<Buffer>): Promise<Buffer> {
    if (sizeBytes > MAX_SMALL_BYTES) {
      throw new VzError('MEMBER_TOO_LARGE', {
        exit: EXIT.data,
        where: name,
        what: `${sizeBytes} bytes, expected at most ${MAX_SMALL_BYTES}`,
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of data) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

/** Far above any archive; segments share a name. */
const MAX_NAMES = 10_000;
/** container.json carries the source's config and action scripts. */
const MAX_SMALL_BYTES = 16 * 1024 * 1024;
