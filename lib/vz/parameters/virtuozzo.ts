import type { Severity } from '../../documents/report.ts';
import { type Parameter, parameter } from './parameter.ts';

const UNREAD = 'a key of Virtuozzo, which OpenVZ Legacy does not know: it had no effect';
const unread = (keys: string, severity: Severity = 'info'): Parameter =>
  parameter(keys, null, { dropped: { reason: UNREAD, severity } });

/** Keys of Virtuozzo 4 to 7 and Parallels Cloud Server, which turn up in files on a vz6 host. */
export const VIRTUOZZO: readonly Parameter[] = [
  unread(
    `VERSION UUID VE_TYPE DISTRIBUTION TEMPLATES TECHNOLOGIES VEFORMAT VEFSTYPE VEPKGFMT VEIMAGEFORMAT PLATFORM
     GOLDEN_IMAGE OSRELEASE ROOT_DISK JOURNALED_QUOTA AUTOCOMPACT AUTOSTOP CLASSID OFFLINE_MANAGEMENT OFFLINE_SERVICE
     ALLOWREBOOT HA_ENABLE HA_PRIO APPLY_IPONLY ACTIONLOGDIR`,
  ),
  unread('VE_ENVIRONMENT', 'minor'),
  unread(
    `MEMGUARANTEE MEMGUARANTEE_BYTES NUMMEMORYSUBGROUPS PAGECACHE_ISOLATION SLMMODE SLMMEMORYLIMIT SLMPATTERN
     ANONSHPAGES IPCSHMPAGES NUMSOCK NUMUNIXSOCK OOMGUAR RSSPAGES SOCKRCVBUF TCPSENDBUF TOTVMPAGES UNIXSOCKBUF`,
    'minor',
  ),
  unread('CPULIMIT_MHZ BURST_CPULIMIT BURST_CPU_AVG_USAGE CPUWEIGHT', 'minor'),
  unread(
    'RATE RATEBOUND RATEMPU TOTALRATE TRAFFIC_SHAPING BANDWIDTH NUMNETIF USE_NET_RPS USE_VENET_MASK',
    'minor',
  ),
  parameter('BINDMOUNT DISK', null, {
    dropped: {
      reason: 'a key of Virtuozzo that names data outside of the private area, which is not moved',
      severity: 'critical',
    },
  }),
];
