import type { ContainerYml } from '../documents/container-yml.ts';
import { oneLine } from '../errors.ts';
import type { Context } from './context.ts';
import type { Guess } from './distributions.ts';
import type { GuestGuess } from './guest.ts';
import { guessFromGuest } from './guest.ts';
import type { Arch } from './options.ts';
import type { Template } from './ostemplate.ts';
import { readTemplate } from './ostemplate.ts';

type Distribution = Pick<ContainerYml, 'distribution' | 'version' | 'arch'>;

/**
 * Distribution, version and architecture: a flag, else what the root filesystem says, else OSTEMPLATE. Unknown is
 * `other`, version `0`, on x86_64, with a warning. Never from the node's `uname -m`, which says nothing of a 32-bit
 * guest.
 */
export function convertDistribution(context: Context): Distribution {
  const { config, ledger } = context;
  const ostemplate = ledger.one('OSTEMPLATE', 'text');
  const template = readTemplate(ostemplate?.value.text ?? '');
  const guest = config.facts ? guessFromGuest(config.facts.guest, template.guess) : undefined;
  const named = chooseName(context, template.guess, guest);
  const arch = chooseArch(context, template);
  if (ostemplate) {
    ledger.convert(ostemplate.item, `distribution ${named.distribution}, version ${named.version}, ${arch}`);
  }
  return { ...named, arch };
}

type Named = Omit<Distribution, 'arch'>;

function chooseName(context: Context, template: Guess | undefined, guest: GuestGuess): Named {
  const { distribution, distributionVersion } = context.options;
  const found = distribution === null ? guessName(context, template, guest) : undefined;
  const name = distribution ?? found?.distribution ?? OTHER;
  // A version is only worth something for the distribution it was found for.
  const guessed = [found, guest, template].flatMap((guess) =>
    guess && 'distribution' in guess && guess.distribution === name && guess.version ? [guess.version] : [],
  );
  const version = distributionVersion ?? guessed[0];
  if (version === undefined && name !== OTHER) {
    context.ledger.warn(
      'VERSION_UNKNOWN',
      `the version of ${name} is not known: 0; --distribution-version sets it`,
    );
  }
  return { distribution: name, version: version ?? UNKNOWN_VERSION };
}

function guessName({ ledger }: Context, template: Guess | undefined, guest: GuestGuess): Guess | undefined {
  if (guest && 'unknown' in guest) {
    const shown = oneLine(guest.unknown.slice(0, SHOWN_CHARACTERS));
    ledger.warn('DISTRIBUTION_UNKNOWN', `vpsAdminOS does not know the distribution ${shown}: other; ${HINT}`);
    return undefined;
  }
  const found = guest ?? template;
  if (!found) {
    ledger.warn('DISTRIBUTION_UNKNOWN', `the distribution is not known: other; ${HINT}`);
    return undefined;
  }
  if (found.relative !== null) {
    const text = `${found.relative} has no configurator in vpsAdminOS: ${found.distribution}, its relative, is taken`;
    ledger.warn('DISTRIBUTION_RELATIVE', text);
  }
  if (guest && template && differ(guest, template)) {
    ledger.warn(
      'TEMPLATE_DIFFERS',
      `OSTEMPLATE says ${describe(template)}, the root filesystem ${describe(guest)}, which is taken`,
    );
  }
  return found;
}

function chooseArch({ config, options, ledger }: Context, template: Template): Arch {
  if (options.arch !== null) return options.arch;
  const { elfClass } = config.facts?.guest ?? { elfClass: null };
  if (elfClass !== null) {
    const arch: Arch = elfClass === 64 ? 'x86_64' : 'x86';
    if (template.arch !== null && template.arch !== arch) {
      ledger.warn(
        'ARCH_DIFFERS',
        `OSTEMPLATE says ${template.arch}, but init is a ${elfClass}-bit program: ${arch}`,
      );
    }
    return arch;
  }
  if (template.arch !== null) return template.arch;
  ledger.warn('ARCH_UNKNOWN', 'the architecture is not known: x86_64; --arch sets it');
  return 'x86_64';
}

function differ(guest: Guess, template: Guess): boolean {
  if (guest.distribution !== template.distribution) return true;
  return guest.version !== null && template.version !== null && guest.version !== template.version;
}

function describe({ distribution, version }: Guess): string {
  return version === null ? distribution : `${distribution} ${version}`;
}

const OTHER = 'other';
const UNKNOWN_VERSION = '0';
const HINT = 'its network, hostname and resolvers will not be set up; --distribution names a known one';
const SHOWN_CHARACTERS = 60;
