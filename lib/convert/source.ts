import type { OsctlContainer } from '../documents/osctl-container.ts';
import { EXIT, VzError } from '../errors.ts';
import { isDisabled } from './autostart.ts';
import type { Context } from './context.ts';
import { convertStorage } from './dataset.ts';

type Source = OsctlContainer['source'];

/**
 * Where the container's data is, so that later stages need no flag for it: what was found, else what the config says; of
 * the layout it is the other way round. Throws VzError (78) when the image of a ploop container is missing, or what is said
 * of its dataset cannot be.
 */
export function convertSource(context: Context): Source {
  const { config, ledger } = context;
  const { facts, source } = config;
  // An archive holds the files themselves: paths of its config are of another machine.
  const isArchive = source.offline?.from === 'vzdump';
  const found = [
    takePath(context, 'VE_PRIVATE', facts?.privatePath ?? null),
    takePath(context, 'VE_ROOT', facts?.rootPath ?? null),
  ];
  const [privatePath = null, rootPath = null] = isArchive ? [] : found;
  if (privatePath === null && !isArchive) {
    ledger.warn(
      'PRIVATE_UNKNOWN',
      'no VE_PRIVATE, in the config or in vz.conf: the root filesystem will not be found',
    );
  }
  warnOfOtherData(context);
  return {
    host: source.host,
    offline: source.offline,
    configPath: source.path,
    privatePath,
    rootPath,
    ...convertStorage(context, chooseLayout(context)),
    disabled: isDisabled(config),
    files: source.files,
    facts,
  };
}

function takePath({ ledger }: Context, key: 'VE_PRIVATE' | 'VE_ROOT', found: string | null): string | null {
  const taken = ledger.one(key, 'text');
  const path = found ?? (taken?.value.text || null);
  if (taken) ledger.convert(taken.item, path === null ? 'no path' : `source path ${path}`);
  return path;
}

/**
 * VE_LAYOUT, as vzctl has it; only where it is absent, root.hdd/DiskDescriptor.xml makes a container ploop. The root
 * user of a simfs container can make such a file, too. Throws VzError (78) for a ploop container without its image: what
 * lies in the private area then is not its root filesystem.
 */
function chooseLayout({ config, ledger }: Context): 'simfs' | 'ploop' {
  const written = ledger.one('VE_LAYOUT', 'layout');
  if (config.source.offline?.from === 'vzdump') {
    if (written) ledger.convert(written.item, 'files, as vzdump has packed them');
    return 'simfs';
  }
  const found = config.facts?.layout ?? null;
  const layout = written?.value.layout ?? found ?? 'simfs';
  if (written && layout === 'ploop' && found === 'simfs') throw noImage(config.ctid);
  if (written) ledger.convert(written.item, `source layout ${layout}`);
  if (written && found !== null && layout !== found) {
    ledger.warn(
      'LAYOUT_DIFFERS',
      `VE_LAYOUT says ${layout}, which is taken; the disk looks like ${found}`,
      written.item,
    );
  }
  if (!written && found === null) {
    ledger.warn(
      'LAYOUT_UNKNOWN',
      'VE_LAYOUT is not set, and the private area was not seen: simfs is assumed',
    );
  }
  return layout;
}

function noImage(ctid: string): VzError {
  return new VzError('PLOOP_IMAGE_MISSING', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: 'VE_LAYOUT is ploop, but the private area holds no root.hdd/DiskDescriptor.xml',
    hint: 'is its file system mounted?',
  });
}

/** Data outside of the private area is not part of what the next stages pack. */
function warnOfOtherData({ config, ledger }: Context): void {
  for (const item of config.items) {
    if (item.key === 'BINDMOUNT' || item.key === 'DISK') {
      ledger.warn(
        'DATA_OUTSIDE',
        `${item.key} names data outside of the private area, which is not moved`,
        item,
      );
    }
  }
}
