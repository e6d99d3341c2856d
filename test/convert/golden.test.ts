import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ConvertOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { readableJson } from '../support/readable-json.ts';
import { configOf, convertChecked, corpusFile, factsOf, NO_GUEST } from './samples.ts';

/**
 * Every real config and exactly what it becomes, also those that are vz.conf or the node's own 0.conf, read as a
 * container's. After a change that is meant, run the tests once with VZ2OSCTL_UPDATE_GOLDEN=1, and read the difference.
 */
const DIRECTORY = 'test/convert/golden';

const CORPUS = readdirSync('test/fixtures/openvz-conf').flatMap((name) =>
  name.endsWith('.conf') ? [name.slice(0, -'.conf'.length)] : [],
);

interface Case {
  readonly options?: ConvertOptions;
  readonly facts?: ReturnType<typeof factsOf>;
  /** The vz.conf behind it. */
  readonly global?: string;
}

const ROUTED = { ...DEFAULT_OPTIONS, netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' as const } };
const BRIDGE_24 = {
  ...DEFAULT_OPTIONS,
  netif: { ...DEFAULT_OPTIONS.netif, prefixes: { v4: 24, v6: 64 }, hwaddr: '00:16:3e:12:34:56' },
};
const DEBIAN_9 = factsOf({
  guest: { ...NO_GUEST, osRelease: { id: 'debian', versionId: '9' }, elfClass: 64 },
});
const UBUNTU_32 = factsOf({
  guest: { ...NO_GUEST, releaseFiles: { debian_version: 'squeeze/sid' }, elfClass: 32 },
  status: { exists: true, mounted: false, running: false, suspended: false },
});

/** What is not here is converted alone, with the defaults. */
const CASES: Readonly<Record<string, Case>> = {
  CirrusComputing_EnterpriseLibre_10: { facts: UBUNTU_32 },
  'Fusl_ovz7-on-rbd_ve-default': { global: 'Fusl_ovz7-on-rbd_vz' },
  'fusioninventory_agent_example-config-old': { facts: DEBIAN_9 },
  'kolyshkin_vzctl_ve-basic': { global: 'kolyshkin_vzctl_vz' },
  'kolyshkin_vzctl_ve-vswap-256m': { global: 'vpsfreecz_salt-configuration_vz', facts: DEBIAN_9 },
  linode_docs_101: { options: ROUTED },
  'proxmox_pve-manager_base': { global: 'CirrusComputing_EnterpriseLibre_vz' },
  vpsfreecz_vpsadmin_gencfg: { options: BRIDGE_24 },
};

for (const name of CORPUS) {
  test(`golden: ${name}`, () => {
    const { options = DEFAULT_OPTIONS, facts = null, global } = CASES[name] ?? {};
    const config = configOf(corpusFile(name), {
      facts,
      global: global === undefined ? null : corpusFile(global),
    });
    const container = convertChecked(config, options);
    expectGolden(name, readableJson(container));
    const { ignored } = container.report;
    assert.deepEqual(
      ignored.filter(({ fate }) => fate === 'unknown'),
      [],
    );
    // Only an empty value or list sets nothing.
    assert.deepEqual(
      ignored.filter(({ reason, raw }) => reason === 'sets nothing' && raw.trim() !== ''),
      [],
    );
  });
}

test('every case is a file of the corpus, and every golden file belongs to one', () => {
  assert.equal(CORPUS.length, 40);
  assert.deepEqual(
    Object.keys(CASES).filter((name) => !CORPUS.includes(name)),
    [],
  );
  assert.deepEqual(readdirSync(DIRECTORY).sort(), CORPUS.map((name) => `${name}.json`).sort());
});

function expectGolden(name: string, actual: string): void {
  const path = `${DIRECTORY}/${name}.json`;
  if (process.env['VZ2OSCTL_UPDATE_GOLDEN'] === '1') {
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(path, actual);
  }
  assert.equal(actual, readFileSync(path, 'utf8'));
}
