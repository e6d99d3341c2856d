import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parameterOf } from '../../lib/vz/parameters.ts';
import { generatedSections, sectionOf, withSection } from '../support/manual-tables.ts';

/** After a change of the tables that is meant, run the tests once with VZ2OSCTL_UPDATE_GOLDEN=1. */
const MANUAL = 'cmd/vz-to-osctl.8.md';

for (const section of generatedSections()) {
  test(`the manual says under "${section.heading}" what the program's table says`, () => {
    if (process.env['VZ2OSCTL_UPDATE_GOLDEN'] === '1') {
      writeFileSync(MANUAL, withSection(readFileSync(MANUAL, 'utf8'), section));
    }
    assert.equal(sectionOf(readFileSync(MANUAL, 'utf8'), section.heading), section.text);
  });

  test(`the table under "${section.heading}" has cells in step, none of them empty`, () => {
    const rows = section.text.split('\n').filter((line) => line.startsWith('|'));
    const cells = rows.map((row) => row.slice(2, -2).split(/ (?<!\\)\| /));
    assert.ok(cells.length > 10);
    for (const row of cells) {
      assert.equal(row.length, cells[0]?.length, row.join(' / '));
      assert.ok(
        row.every((cell) => cell.trim() !== ''),
        row.join(' / '),
      );
    }
  });
}

test('a section is replaced, and nothing else of the manual', () => {
  const manual = '# p(8)\n\n## A\n\nold\n\n## B\n\nkept\n';
  const changed = withSection(manual, { heading: 'A', text: 'new' });
  assert.equal(changed, '# p(8)\n\n## A\n\nnew\n\n## B\n\nkept\n');
  assert.equal(withSection(changed, { heading: 'B', text: 'x' }), '# p(8)\n\n## A\n\nnew\n\n## B\n\nx\n');
  assert.equal(sectionOf(changed, 'A'), 'new');
  assert.throws(() => withSection(manual, { heading: 'C', text: '' }), /no heading "## C"/);
});

test('every key that vzctl, Virtuozzo, Proxmox VE and sites are known to write has a row', () => {
  const names = KEYS.trim().split(/\s+/);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    names.filter((name) => parameterOf(name) === undefined),
    [],
  );
  assert.equal(parameterOf('UNHEARD_OF'), undefined);
});

/** From vzctl's source and manual pages, and from the files of panels and sites. */
const KEYS = `
  VEID NAME DESCRIPTION ONBOOT BOOTORDER DISABLED OSTEMPLATE DEF_OSTEMPLATE ORIGIN_SAMPLE CONFIGFILE
  CONFIG_CUSTOMIZED STOP_TIMEOUT LOCAL_UID LOCAL_GID APPLY_CONFIG OSRELEASE VE_ENVIRONMENT INITLOG
  PHYSPAGES SWAPPAGES VM_OVERCOMMIT PRIVVMPAGES VMGUARPAGES KMEMSIZE LOCKEDPAGES SHMPAGES OOMGUARPAGES
  NUMPROC AVNUMPROC NUMTCPSOCK NUMOTHERSOCK NUMFLOCK NUMPTY NUMSIGINFO NUMFILE TCPSNDBUF TCPRCVBUF
  OTHERSOCKBUF DGRAMRCVBUF DCACHESIZE DCACHE NUMIPTENT IPTENTRIES MEMINFO CPUUNITS CPUUWEIGHT CPULIMIT
  CPUS CPUMASK NODEMASK VE0CPUUNITS VE_PRIVATE VE_ROOT VE_LAYOUT MOUNT_OPTS NOATIME TEMPLATE DISK_QUOTA
  DISKSPACE DISKINODES QUOTATIME QUOTAUGIDLIMIT IOPRIO IOLIMIT IOPSLIMIT IP_ADDRESS NETIF HOSTNAME
  NAMESERVER SEARCHDOMAIN NETDEV IPV6 VETH NETFILTER IPTABLES VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS
  ERROR_ON_ARPFAIL SKIP_ARPDETECT FORCE_ROUTE VZHOSTBR BRIDGEDEV_eth0 VETH_IP_ADDRESS VETH_IP_ADDRESS_eth0
  VE_DEFAULT_GATEWAY VE_DEFAULT_GATEWAY_eth0 EXTERNAL_SCRIPT DEVICES DEVNODES PCI CAPABILITY FEATURES
  VIRTUOZZO LOCKDIR DUMPDIR LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT VZWDOG IP6TABLES IPTABLES_MODULES
  VE_STOP_MODE VE_PARALLEL SKIP_SYSCTL_SETUP MODULES_DISABLED VERSION UUID VE_TYPE DISTRIBUTION TEMPLATES
  TECHNOLOGIES VEFORMAT VEFSTYPE VEPKGFMT BINDMOUNT DISK ROOT_DISK JOURNALED_QUOTA AUTOCOMPACT AUTOSTOP
  MEMGUARANTEE MEMGUARANTEE_BYTES NUMMEMORYSUBGROUPS PAGECACHE_ISOLATION NUMNETIF CPULIMIT_MHZ
  BURST_CPULIMIT BURST_CPU_AVG_USAGE CPUWEIGHT RATE RATEBOUND TOTALRATE TRAFFIC_SHAPING SLMMODE
  SLMMEMORYLIMIT SLMPATTERN CLASSID OFFLINE_MANAGEMENT OFFLINE_SERVICE ALLOWREBOOT HA_ENABLE HA_PRIO
  APPLY_IPONLY USE_NET_RPS ANONSHPAGES IPCSHMPAGES NUMSOCK NUMUNIXSOCK OOMGUAR RSSPAGES SOCKRCVBUF
  TCPSENDBUF TOTVMPAGES UNIXSOCKBUF
`;
