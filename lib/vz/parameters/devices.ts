import { NO_COUNTERPART, type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

/** Devices, capabilities, features. */
export const DEVICES: readonly Parameter[] = [
  parameter('DEVICES', read.devices, {
    duplicates: 'list',
    group: 'DEVICES',
    becomes: 'tun, fuse, ppp and kvm are follow-ups of the import; standard devices are there',
  }),
  parameter('DEVNODES', read.devnodes, {
    duplicates: 'list',
    group: 'DEVICES',
    becomes: 'as `DEVICES`, by the number the node had for it or by its name',
  }),
  parameter('PCI', read.pci, {
    duplicates: 'list',
    dropped: { reason: `${NO_COUNTERPART}: no PCI device is passed through`, severity: 'critical' },
  }),
  parameter('CAPABILITY', read.capabilities, {
    duplicates: 'off-wins',
    becomes: 'nothing has to be set where the user namespace of the container gives it',
  }),
  parameter('FEATURES', read.features, {
    duplicates: 'on-wins',
    becomes: '`ppp` a device, `bridge` with `NETFILTER` `nesting`, others nothing or a reason',
  }),
];
