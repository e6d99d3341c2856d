import { NO_COUNTERPART, type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

/** Identity and life cycle. */
export const IDENTITY: readonly Parameter[] = [
  parameter('VEID', read.integer, {
    duplicates: 'last',
    dropped: { reason: "the name of the config's file decides", severity: 'info' },
  }),
  parameter('NAME', read.name, { becomes: 'attribute `vz2osctl:name`' }),
  parameter('DESCRIPTION', read.text, { becomes: 'attribute `vz2osctl:description`' }),
  parameter('HOSTNAME', read.text, { becomes: '`hostname`' }),
  parameter('ONBOOT', read.flag, { becomes: '`autostart`' }),
  parameter('BOOTORDER', read.integerOrUnlimited, {
    becomes: 'priority of `autostart`, the other way round',
  }),
  parameter('DISABLED', read.flag, { becomes: 'no `autostart`, attribute `vz2osctl:disabled`' }),
  parameter('OSTEMPLATE', read.text, {
    becomes:
      '`distribution`, `version` and `arch` where the root filesystem does not say, attribute `vz2osctl:ostemplate`',
  }),
  parameter('ORIGIN_SAMPLE', read.text, { becomes: 'attribute `vz2osctl:origin_sample`' }),
  parameter('STOP_TIMEOUT', read.int, { becomes: 'attribute `vz2osctl:stop_timeout`' }),
  parameter('LOCAL_UID LOCAL_GID', read.integerOrUnlimited, {
    dropped: { reason: 'files have real ids under an OpenVZ kernel', severity: 'info' },
  }),
  parameter('DEF_OSTEMPLATE CONFIGFILE', read.text, {
    dropped: { reason: 'the default for new containers of the OpenVZ node', severity: 'info' },
  }),
  parameter('CONFIG_CUSTOMIZED', read.text, {
    ignored: true,
    dropped: { reason: 'says only how the container was made', severity: 'info' },
  }),
  parameter('APPLY_CONFIG', null, {
    dropped: { reason: 'an option of vzctl, not a key of the file', severity: 'info' },
  }),
  parameter('INITLOG', null, {
    dropped: { reason: `${NO_COUNTERPART}; Proxmox VE's own`, severity: 'info' },
  }),
];
