import { ruleFor } from './keys.ts';

/** Why vzctl of OpenVZ Legacy ignores a key that it does not know, as far as the key tells. */
export function reasonForUnknown(key: string): string {
  if (key === '') return 'nothing stands before the "="';
  if (VIRTUOZZO_KEYS.has(key)) return 'a key of Virtuozzo, which OpenVZ Legacy does not know';
  if (key === 'INITLOG') return 'a key of Proxmox VE, which OpenVZ Legacy does not know';
  if (key === 'APPLY_CONFIG') return 'an option of vzctl, not a key of the file';
  if (SITE_KEY.test(key)) return 'read by site scripts, not by vzctl';
  const meant = meantKey(key);
  if (meant !== null) return `vzctl reads ${meant}= only when it is written exactly so`;
  return 'vzctl does not know this key';
}

/**
 * The key that was meant by one that vzctl does not know, where it is only written in another way: `HOSTNAME ` (spaces
 * around the `=`), `export HOSTNAME`, `hostname`. null: none.
 */
export function meantKey(key: string): string | null {
  const meant = BENT_KEY.exec(key)?.[1]?.toUpperCase() ?? '';
  return meant !== key && ruleFor(meant) ? meant : null;
}

/** A byte order mark (also where the line is read as Latin-1), `export`, spaces, `+=`, another case. */
const BENT_KEY = /^(?:\ufeff|\xef\xbb\xbf)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\+?$/;

const SITE_KEY = /^(VZHOSTBR|BRIDGEDEV_.*|VETH_IP_ADDRESS(_.*)?|VE_DEFAULT_GATEWAY(_.*)?|EXTERNAL_SCRIPT)$/s;

const VIRTUOZZO_KEYS: ReadonlySet<string> = new Set(
  (
    'VERSION UUID VE_TYPE DISTRIBUTION TEMPLATES TECHNOLOGIES VEFORMAT VEFSTYPE VEPKGFMT OSRELEASE VE_ENVIRONMENT ' +
    'BINDMOUNT DISK ROOT_DISK JOURNALED_QUOTA AUTOCOMPACT AUTOSTOP MEMGUARANTEE MEMGUARANTEE_BYTES ' +
    'NUMMEMORYSUBGROUPS PAGECACHE_ISOLATION NUMNETIF CPULIMIT_MHZ BURST_CPULIMIT BURST_CPU_AVG_USAGE CPUWEIGHT RATE ' +
    'RATEBOUND TOTALRATE TRAFFIC_SHAPING SLMMODE SLMMEMORYLIMIT SLMPATTERN CLASSID OFFLINE_MANAGEMENT ' +
    'OFFLINE_SERVICE ALLOWREBOOT HA_ENABLE HA_PRIO APPLY_IPONLY USE_NET_RPS ANONSHPAGES IPCSHMPAGES NUMSOCK ' +
    'NUMUNIXSOCK OOMGUAR RSSPAGES SOCKRCVBUF TCPSENDBUF TOTVMPAGES UNIXSOCKBUF'
  ).split(' '),
);
