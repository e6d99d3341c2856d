import type { ContainerYml } from '../documents/container-yml.ts';
import type { Limit } from '../documents/source.ts';
import type { Context } from './context.ts';

/**
 * Whether and when the container starts with the node.
 *
 * - ONBOOT decides; where it is not set, or to no word that vzctl takes, vzctl starts at boot what ran at shutdown, so a running container counts.
 * - DISABLED=yes: vzctl start refuses at boot, whatever ONBOOT says.
 * - A larger BOOTORDER starts earlier and none starts last; on vpsAdminOS a smaller priority starts earlier and 1000
 *   is the usual one. So none is 1000, and N is 999 - N, 1 at the least.
 */
export function convertAutostart(context: Context): ContainerYml['autostart'] {
  const { ledger } = context;
  if (context.options.clone) return stayOff(context);
  const isWanted = startsAtBoot(context);
  const order = ledger.one('BOOTORDER', 'integer');
  if (!isWanted) {
    if (order) ledger.drop(order.item, 'no autostart');
    return null;
  }
  if (!order) return { priority: USUAL_PRIORITY, delay: USUAL_DELAY_SECONDS };
  const priority = priorityOf(order.value.number);
  const words = `autostart priority ${priority} (smaller starts earlier)`;
  if (isWithinRange(order.value.number)) ledger.convert(order.item, words);
  else ledger.approximate(order.item, `${words}, like every order from ${LAST_DISTINCT}`);
  return { priority, delay: USUAL_DELAY_SECONDS };
}

/** Two of one service must not run because a node was started. */
function stayOff({ ledger }: Context): null {
  for (const { item } of ledger.all('ONBOOT', 'flag')) ledger.drop(item, CLONE);
  for (const { item } of ledger.all('BOOTORDER', 'integer')) ledger.drop(item, CLONE);
  for (const { item, value } of ledger.all('DISABLED', 'flag')) {
    if (value.on) ledger.convert(item, 'no autostart, attribute vz2osctl:disabled');
    else ledger.drop(item, 'the container is not disabled');
  }
  return null;
}

/** DISABLED=yes in the config that counts. */
export function isDisabled({ items }: Context['config']): boolean {
  return items.some(
    ({ key, state, value }) => key === 'DISABLED' && state === 'used' && value?.type === 'flag' && value.on,
  );
}

function startsAtBoot({ config, ledger }: Context): boolean {
  const onboot = ledger.one('ONBOOT', 'flag');
  const disabled = ledger.one('DISABLED', 'flag');
  const isBlocked = disabled?.value.on === true;
  if (disabled && isBlocked) {
    ledger.approximate(
      disabled.item,
      'no autostart, attribute vz2osctl:disabled; nothing refuses a start by hand',
    );
    ledger.warn(
      'DISABLED',
      'the container is disabled; nothing on vpsAdminOS refuses its start',
      disabled.item,
    );
  } else if (disabled) {
    ledger.drop(disabled.item, 'the container is not disabled');
  }
  if (onboot) {
    const isOn = onboot.value.on && !isBlocked;
    ledger.convert(onboot.item, isOn ? 'autostart' : `no autostart${isBlocked ? ' (DISABLED)' : ''}`);
    return isOn;
  }
  if (isBlocked) return false;
  const isWritten = config.items.some(({ key }) => key === 'ONBOOT');
  const noOnboot = isWritten ? 'ONBOOT sets nothing' : 'ONBOOT is not set';
  const status = config.facts?.status;
  if (!status) {
    ledger.warn('ONBOOT_UNKNOWN', `${noOnboot}, and whether the container runs is not known: no autostart`);
    return false;
  }
  const isRunning = status.running || status.suspended;
  if (isRunning) {
    ledger.warn('ONBOOT_UNSET', `${noOnboot}; vzctl starts at boot what ran before, and it runs: autostart`);
  }
  return isRunning;
}

/** Falls as BOOTORDER rises. Below 1000 the node's CPU scheduler prefers the container, too. */
function priorityOf(order: Limit): number {
  return isWithinRange(order) ? FIRST_ORDERED - Number(order) : 1;
}

function isWithinRange(order: Limit): boolean {
  return order !== 'unlimited' && BigInt(order) <= BigInt(LAST_DISTINCT);
}

/** What `osctl ct set autostart` sets when nothing else is asked for. */
const USUAL_PRIORITY = 1000;
const USUAL_DELAY_SECONDS = 5;
const FIRST_ORDERED = USUAL_PRIORITY - 1;
const LAST_DISTINCT = FIRST_ORDERED - 1;
const CLONE = 'a clone does not start by itself';
