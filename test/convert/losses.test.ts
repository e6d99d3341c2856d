import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeepFacts, Facts } from '../../lib/documents/facts.ts';
import { convert, factsOf, NO_GUEST } from './samples.ts';

/** `CODE severity text` of the warnings with one code. */
function warningsOf(code: string, facts: Partial<Facts>, config = ''): string[] {
  const { report } = convert(config, {}, { facts: factsOf(facts) });
  return report.warnings
    .filter((warning) => warning.code === code)
    .map(({ severity, text, line }) => {
      assert.equal(line, null);
      return `${severity}: ${text}`;
    });
}

function ofGuest(code: string, guest: Partial<Facts['guest']>, config = ''): string[] {
  return warningsOf(code, { guest: { ...NO_GUEST, ...guest } }, config);
}

describe('losses that no line of the config names', () => {
  it('are none where nothing was looked up, or nothing is there', () => {
    const codes = ({ report }: ReturnType<typeof convert>) =>
      report.warnings.map(({ code }) => code).filter((code) => LOSSES.has(code));
    assert.deepEqual(codes(convert('', {})), []);
    assert.deepEqual(codes(convert('', {}, { facts: factsOf() })), []);
    const guest = { ...NO_GUEST, nfsExports: false };
    const deep = deepFacts({});
    assert.deepEqual(codes(convert('', {}, { facts: factsOf({ guest, deep }) })), []);
  });

  it('quotas of users, unless QUOTAUGIDLIMIT speaks of them', () => {
    const userQuota = ['aquota.user', 'aquota.group'];
    assert.deepEqual(ofGuest('USER_QUOTA', { userQuota }), [
      'major: aquota.user, aquota.group: users in the container have quotas, which do not exist on vpsAdminOS',
    ]);
    for (const value of ['0', '200']) {
      assert.deepEqual(ofGuest('USER_QUOTA', { userQuota }, `QUOTAUGIDLIMIT="${value}"`), []);
    }
    assert.equal(ofGuest('USER_QUOTA', { userQuota }, 'QUOTAUGIDLIMIT="x"').length, 1);
  });

  it('an NFS server', () => {
    assert.match(ofGuest('NFS_SERVER', { nfsExports: true }).join(), /^critical: etc\/exports shares/);
  });

  it('rules that name venet', () => {
    const venetRules = ['etc/rc.local', 'etc/sysconfig/iptables'];
    assert.deepEqual(ofGuest('VENET_RULES', { venetRules }), [
      'major: there is no venet0 on vpsAdminOS, but an interface of another name: change etc/rc.local, etc/sysconfig/iptables',
    ]);
  });

  it('containers in the container', () => {
    const { report } = convert(
      '',
      { id: 'web' },
      { facts: factsOf({ guest: { ...NO_GUEST, nested: ['var/lib/docker'] } }) },
    );
    const found = report.warnings.find(({ code }) => code === 'NESTED');
    assert.equal(found?.severity, 'minor');
    assert.match(found.text, /^var\/lib\/docker: .*osctl ct set nesting web$/);
  });

  it('mounts below the root, every one', () => {
    const submounts = Array.from({ length: 30 }, (_, index) => `/vz/root/101/mnt/${index}`);
    const [text = ''] = warningsOf('SUBMOUNTS', { submounts });
    assert.match(text, /^major: /);
    for (const path of submounts) assert.ok(text.includes(path), path);
    assert.match(warningsOf('SUBMOUNTS', { submounts: ['/a\n\u001b[2J'] }).join(), /\/a\\n\\x1b\[2J$/);
  });

  it('a memory dump', () => {
    const status = { exists: true, mounted: false, running: false, suspended: true };
    assert.match(
      warningsOf('SUSPENDED', { status }).join(),
      /^major: suspended: .*vzctl resume 101 && vzctl stop 101$/,
    );
  });

  it('files that a walk found', () => {
    const examples = ['srv/a\nb', ...Array.from({ length: 19 }, (_, index) => `srv/${index}`)];
    const deep = deepFacts({ foreignIds: { count: '90', examples } });
    const [text = ''] = warningsOf('FOREIGN_IDS', { level: 'deep', deep });
    assert.match(text, /^critical: 90 files .*: srv\/a\\nb, srv\/0, srv\/1, srv\/2, srv\/3 and 15 more$/);
    const nodes = deepFacts({ deviceNodes: { count: '1', examples: ['var/named/dev/null'] } });
    assert.match(warningsOf('DEVICE_NODES', { deep: nodes }).join(), /^minor: 1 .*: var\/named\/dev\/null$/);
  });
});

function deepFacts(changes: Partial<DeepFacts>): DeepFacts {
  const none = { count: '0', examples: [] };
  const highest = { highestUid: 0, highestGid: 0 };
  return { files: '1', sizeBytes: '1', foreignIds: none, deviceNodes: none, ...highest, ...changes };
}

const LOSSES: ReadonlySet<string> = new Set(
  `USER_QUOTA NFS_SERVER VENET_RULES NESTED SUBMOUNTS SUSPENDED FOREIGN_IDS DEVICE_NODES ACTION_SCRIPT
   ACTION_SCRIPT_NOT_RUN`.split(/\s+/),
);
