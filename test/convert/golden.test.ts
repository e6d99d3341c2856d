import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { convertContainer } from '../../lib/convert/convert.ts';
import type { ConvertOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { reportText } from '../../lib/convert/report.ts';
import { configOf, corpusFile, factsOf, NO_GUEST } from './samples.ts';

/**
 * Real configs and exactly what they become. After a change that is meant, run the tests once with
 * VZ2OSCTL_UPDATE_GOLDEN=1, and read the difference.
 */
const ROUTED = { ...DEFAULT_OPTIONS, netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' as const } };
const BRIDGE_24 = {
  ...DEFAULT_OPTIONS,
  netif: { ...DEFAULT_OPTIONS.netif, prefixes: { v4: 24, v6: 64 }, hwaddr: '00:16:3e:12:34:56' },
};
const DEBIAN_9 = factsOf({
  guest: { osRelease: { id: 'debian', versionId: '9' }, releaseFiles: {}, elfClass: 64 },
});
const UBUNTU_32 = factsOf({
  guest: { ...NO_GUEST, releaseFiles: { debian_version: 'squeeze/sid' }, elfClass: 32 },
  status: { exists: true, mounted: false, running: false, suspended: false },
});

interface Case {
  readonly config: string;
  readonly options?: ConvertOptions;
  readonly facts?: ReturnType<typeof factsOf>;
  readonly global?: string;
}

const CASES: readonly Case[] = [
  { config: 'linode_docs_101', options: ROUTED },
  { config: 'vpsfreecz_vpsadmin_gencfg', options: BRIDGE_24 },
  { config: 'vpsfreecz_vpsadmininstall_base-privvmpages' },
  { config: 'kolyshkin_vzctl_ve-basic', global: 'kolyshkin_vzctl_vz' },
  { config: 'kolyshkin_vzctl_ve-vswap-256m', global: 'vpsfreecz_salt-configuration_vz', facts: DEBIAN_9 },
  { config: 'kolyshkin_vzctl_ve-unlimited' },
  { config: 'kolyshkin_vzctl_3.0.23_ve-vps.basic.x86' },
  { config: 'fusioninventory_agent_example-config-old', facts: DEBIAN_9 },
  { config: 'fusioninventory_agent_example-config-new' },
  { config: 'libvirt_libvirt_openvzutilstest' },
  { config: 'CirrusComputing_EnterpriseLibre_10', facts: UBUNTU_32 },
  { config: 'proxmox_pve-manager_base', global: 'CirrusComputing_EnterpriseLibre_vz' },
  { config: 'opennode_opennode-tui_vzcfg' },
  { config: 'Fusl_ovz7-on-rbd_ve-default', global: 'Fusl_ovz7-on-rbd_vz' },
  { config: 'lxcenter_hypervm_base-openvz' },
  { config: 'thalidzhokov_whmcs-openvz6_ve-default' },
  { config: 'OpenVZ_vzctl_ve-slm.512MB' },
];

for (const { config, options = DEFAULT_OPTIONS, facts = null, global } of CASES) {
  test(`golden: ${config}`, () => {
    const container = convertContainer(
      configOf(corpusFile(config), { facts, global: global === undefined ? null : corpusFile(global) }),
      options,
    );
    expectGolden(`${config}.json`, `${JSON.stringify(container, null, 2)}\n`);
    expectGolden(`${config}.txt`, reportText(container, { heading: true }));
  });
}

function expectGolden(name: string, actual: string): void {
  const path = `test/convert/golden/${name}`;
  if (process.env['VZ2OSCTL_UPDATE_GOLDEN'] === '1') {
    mkdirSync('test/convert/golden', { recursive: true });
    writeFileSync(path, actual);
  }
  assert.equal(actual, readFileSync(path, 'utf8'));
}
