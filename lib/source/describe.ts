import type { ConfigItem, VzConfig, Warning } from '../documents/vz-config.ts';
import { EXIT, VzError } from '../errors.ts';
import { parseConfig } from '../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../vz/value.ts';
import type { Looks, SourceNode } from './node.ts';
import { toSourceFile } from './source-file.ts';

/** What a container is read from. */
export type Source = NodeSource | OfflineContainer;

/** One that no node runs, which describes itself. */
export interface OfflineContainer {
  readonly describe: (options: DescribeOptions) => Promise<VzConfig>;
}

export interface NodeSource {
  readonly node: SourceNode;
  readonly ctid: string;
  /** null: it came on stdin. */
  readonly path: string | null;
  readonly config: Buffer;
  /** vz.conf; null: there is none, or it has nothing to do with this config. */
  readonly global: Buffer | null;
}

export interface DescribeOptions extends Looks {
  /** A line that vzctl does not take is an error. */
  readonly strict: boolean;
}

/** Makes the document of one container. Throws VzError: 65 with `strict`; with facts also 69, 74, 77. */
export async function describe(source: Source, options: DescribeOptions): Promise<VzConfig> {
  if ('describe' in source) return source.describe(options);
  const { node, ctid, path, config, global } = source;
  const survey = options.facts === 'none' ? null : await node.survey(options.signal);
  const pageSize = survey?.facts.pageSize ?? X86_PAGE_BYTES;
  const { items, warnings } = parseConfig({ ctid, container: config, global, pageSize });
  if (options.strict) refuseBadLines(ctid, items, warnings);
  const document: VzConfig = {
    kind: 'vz-config',
    schema: 1,
    ctid,
    source: {
      host: node.reference,
      offline: null,
      path,
      files: [
        toSourceFile(path ?? `${ctid}.conf`, 'container', config),
        ...(global === null ? [] : [toSourceFile(node.globalPath, 'global', global)]),
      ],
    },
    items,
    facts: null,
    warnings,
  };
  if (survey === null || options.facts === 'none') return document;
  const { gatherFacts } = await import('./facts.ts');
  const { host, confDir } = node;
  const { signal, facts: level } = options;
  const gathered = await gatherFacts({ host, survey, ctid, items, confDir, level, signal });
  document.facts = gathered.facts;
  document.source.files.push(...gathered.files);
  document.warnings.push(...gathered.warnings);
  return document;
}

/** Throws VzError (65) for a line that vzctl does not take. */
export function refuseBadLines(
  ctid: string,
  items: readonly ConfigItem[],
  warnings: readonly Warning[],
): void {
  const item = items.find(({ state }) => state === 'rejected' || state === 'invalid' || state === 'unknown');
  const warning = warnings.find(({ code }) => PARTLY_REFUSED.has(code));
  const what = item ? lineText(item) : warning ? warningText(warning) : null;
  if (what === null) return;
  throw new VzError('STRICT', {
    exit: EXIT.data,
    where: `ct ${ctid}`,
    what,
    hint: 'leave out --strict to keep it',
  });
}

function lineText({ origin, line, key, raw, state, reason }: ConfigItem): string {
  const place = origin === 'global' ? `vz.conf line ${line}` : `line ${line}`;
  const text = JSON.stringify((key === '' ? raw : `${key}=${raw}`).slice(0, 80));
  return `${place}: ${state}: ${text}: ${reason ?? ''}`;
}

/** A warning as a person reads it, without the container's id. */
export function warningText({ code, text, line }: Warning): string {
  return `${line === null ? '' : `line ${line}: `}${text} [${code}]`;
}

/** vzctl takes a part of the line, or only some of its versions take it. */
const PARTLY_REFUSED: ReadonlySet<string> = new Set(['INVALID_PART', 'NUMBER_CUT', 'UNMATCHED_QUOTE']);
