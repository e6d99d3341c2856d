import { type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

/** Known to vzctl and of no effect on a container: the host's side, and what older versions wrote. */
export const NODE: readonly Parameter[] = [
  parameter(
    `VIRTUOZZO LOCKDIR DUMPDIR LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT VZWDOG IP6TABLES IPTABLES_MODULES
     VE_STOP_MODE VE_PARALLEL SKIP_SYSCTL_SETUP MODULES_DISABLED VE0CPUUNITS VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS
     ERROR_ON_ARPFAIL SKIP_ARPDETECT FORCE_ROUTE`,
    read.text,
    {
      ignored: true,
      dropped: { reason: 'a setting of the OpenVZ node, not of the container', severity: 'info' },
    },
  ),
];
