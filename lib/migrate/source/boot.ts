import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../../errors.ts';
import { run as runOn } from '../../host/run.ts';
import { readConfigFile } from '../../source/config-file.ts';
import { parseConfig } from '../../vz/parse-config.ts';
import { X86_PAGE_BYTES } from '../../vz/value.ts';
import { vzctlFailure } from '../../vzctl/failure.ts';
import type { Run } from '../run.ts';

/** What decides whether a container of vz6 starts by itself. */
export interface BootSettings {
  readonly onboot: 'yes' | 'no';
  readonly disabled: 'yes' | 'no';
}

/**
 * ONBOOT and DISABLED in the container's config as it is now. Where ONBOOT sets nothing, vzctl starts at boot what ran at
 * shutdown, so it stands for what the container does now. Throws VzError: 66 no config, 69, 74, 77.
 */
export async function readBoot(run: Run, isRunning: boolean): Promise<BootSettings> {
  const { ctid, container } = run.journal.document;
  const path = container.source.configPath ?? `/etc/vz/conf/${ctid}.conf`;
  const config = await readConfigFile(run.source, path);
  if (config === null) {
    throw new VzError('NO_CONTAINER', { exit: EXIT.noInput, where: `ct ${ctid}`, what: `no ${path}` });
  }
  const { items } = parseConfig({ container: config, global: null, ctid, pageSize: X86_PAGE_BYTES });
  const flag = (key: string): 'yes' | 'no' | null => {
    const value = items.find((item) => item.key === key && item.state === 'used')?.value;
    return value?.type === 'flag' ? (value.on ? 'yes' : 'no') : null;
  };
  return { onboot: flag('ONBOOT') ?? (isRunning ? 'yes' : 'no'), disabled: flag('DISABLED') ?? 'no' };
}

/**
 * `vzctl set --save` of one of the two. `guarded`: our guard holds vzctl's lock, which is skipped; else it is waited for,
 * a minute at least. Throws VzError as `vzctlFailure`; 75 while it stays locked.
 */
export async function setBoot(
  run: Run,
  setting: Partial<BootSettings>,
  { guarded }: { readonly guarded: boolean },
): Promise<void> {
  const { ctid } = run.journal.document;
  const flags = Object.entries(setting).flatMap(([name, value]) => [`--${name}`, value]);
  await vzctl(run, ['set', ctid, ...flags, '--save'], { guarded });
}

/** Runs vzctl to its end; nobody interrupts it. Throws as `setBoot`. */
export async function vzctl(
  run: Run,
  [verb = '', ...words]: readonly string[],
  { guarded }: { readonly guarded: boolean },
): Promise<void> {
  const { ctid } = run.journal.document;
  const deadlineMs = performance.now() + Math.max(run.options.waitMs, LEAST_WAIT_MS);
  const argv = ['vzctl', ...(guarded ? ['--skiplock'] : []), verb, ...words];
  await run.journal.effect(`vzctl ${[verb, ...words].join(' ')}`, async () => {
    for (;;) {
      const exit = await runOn(run.source, argv);
      if (exit.code === 0) return;
      if (exit.code !== LOCKED || performance.now() > deadlineMs) throw vzctlFailure({ verb, ctid, exit });
      await sleep(RETRY_MS);
    }
  });
}

/** vzctl(8): locked by another vzctl. */
const LOCKED = 9;
const LEAST_WAIT_MS = 60_000;
const RETRY_MS = 2000;
