import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { usedItems } from '../../lib/documents/effective.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import type { ConfigItem } from '../../lib/documents/vz-config.ts';
import { parseConfig } from '../../lib/vz/parse-config.ts';

function parse(container: string | Buffer, global: string | null = null) {
  return parseConfig({
    ctid: '101',
    container: Buffer.from(container),
    global: global === null ? null : Buffer.from(global),
    pageSize: 4096,
  });
}

/** `c1 used`, `g3 overridden`: origin, line, state. */
const states = (items: readonly ConfigItem[]): string[] =>
  items.map(({ origin, line, state }) => `${origin.charAt(0)}${line} ${state}`);
const values = (container: string, key: string, global: string | null = null) =>
  usedItems(parse(container, global), key).map(({ value }) => value);
const codes = (container: string, global: string | null = null) =>
  parse(container, global).warnings.map(({ code }) => code);

describe('repeated keys', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['limits: the last', 'NUMPROC=1\nNUMPROC=2', ['c1 overridden', 'c2 used']],
    ['limits: the last valid', 'NUMPROC=1\nNUMPROC=x', ['c1 used', 'c2 invalid']],
    ['an alias is the same key', 'DCACHESIZE=1\nDCACHE=2', ['c1 overridden', 'c2 used']],
    ['others: the first', 'HOSTNAME=a\nHOSTNAME=b', ['c1 used', 'c2 overridden']],
    [
      'others: the first valid',
      'ONBOOT=auto\nONBOOT=no\nONBOOT=yes',
      ['c1 invalid', 'c2 used', 'c3 overridden'],
    ],
    ['DISKSPACE is of the others', 'DISKSPACE=1\nDISKSPACE=', ['c1 used', 'c2 overridden']],
    ['NETFILTER: the last', 'NETFILTER=full\nNETFILTER=stateful', ['c1 overridden', 'c2 used']],
    ['lists add up', 'IP_ADDRESS=10.0.0.1\nIP_ADDRESS=10.0.0.2', ['c1 used', 'c2 used']],
    [
      'what adds nothing is overridden',
      'IP_ADDRESS=10.0.0.1\nIP_ADDRESS=10.0.0.1/24',
      ['c1 used', 'c2 overridden'],
    ],
    ['an empty NETIF is none', 'NETIF=\nNETIF=ifname=eth0', ['c1 overridden', 'c2 used']],
  ];
  for (const [name, config, expected] of rows) {
    it(name, () => assert.deepEqual(states(parse(config).items), expected));
  }

  it('a later list item has only what it adds', () => {
    assert.deepEqual(values('NAMESERVER=1.1.1.1\nNAMESERVER="1.1.1.1 8.8.8.8"', 'NAMESERVER'), [
      { type: 'names', inherit: false, names: ['1.1.1.1'] },
      { type: 'names', inherit: false, names: ['8.8.8.8'] },
    ]);
  });
  it('inherit counts as the first word of all lines only', () => {
    assert.deepEqual(values('NAMESERVER=inherit\nNAMESERVER=8.8.8.8', 'NAMESERVER'), [
      { type: 'names', inherit: true, names: [] },
    ]);
    assert.deepEqual(values('NAMESERVER=8.8.8.8\nNAMESERVER=inherit', 'NAMESERVER').at(1), {
      type: 'names',
      inherit: false,
      names: ['inherit'],
    });
  });
  it('of a capability set both ways, off counts; of a feature, on', () => {
    const one = (name: string, on: boolean) => [{ type: 'switches', switches: [{ name, on }] }];
    assert.deepEqual(
      values('CAPABILITY="MKNOD:off"\nCAPABILITY="MKNOD:on"', 'CAPABILITY'),
      one('MKNOD', false),
    );
    assert.deepEqual(values('CAPABILITY="MKNOD:on MKNOD:off"', 'CAPABILITY'), one('MKNOD', false));
    assert.deepEqual(values('FEATURES="nfs:on"\nFEATURES="nfs:off"', 'FEATURES'), one('nfs', true));
  });
});

describe('vz.conf', () => {
  const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['is inherited', '', 'VE_ROOT=/vz/root/$VEID', ['g1 used']],
    ['gives way to the container', 'ONBOOT=no', 'ONBOOT=yes', ['c1 used', 'g1 overridden']],
    ['gives way even to an empty text', 'HOSTNAME=', 'HOSTNAME=x', ['c1 used', 'g1 overridden']],
    ['counts when the container is invalid', 'ONBOOT=x', 'ONBOOT=yes', ['c1 invalid', 'g1 used']],
    [
      'lists are replaced as a whole',
      'NAMESERVER=1.1.1.1',
      'NAMESERVER=a\nNAMESERVER=b',
      ['c1 used', 'g1 overridden', 'g2 overridden'],
    ],
    ['an empty list replaces nothing', 'NAMESERVER=', 'NAMESERVER=inherit', ['c1 overridden', 'g1 used']],
    ['DEVNODES replace DEVICES too', 'DEVNODES=fuse:rw', 'DEVICES=c:1:3:r', ['c1 used', 'g1 overridden']],
    ['VE_LAYOUT never reaches a container', '', 'VE_LAYOUT=ploop', ['g1 discarded']],
    [
      'NETFILTER never reaches a container',
      'NETFILTER=full',
      'NETFILTER=stateful',
      ['c1 used', 'g1 discarded'],
    ],
    ['host settings are text', '', 'LOCKDIR=/vz/lock\nVE_STOP_MODE=suspend', ['g1 used', 'g2 used']],
    ['has unknown keys of its own', '', 'SLMMODE=x', ['g1 unknown']],
  ];
  for (const [name, container, global, expected] of rows) {
    it(name, () => assert.deepEqual(states(parse(container, global).items), expected));
  }

  it('capabilities switched on and off are replaced apart', () => {
    assert.deepEqual(values('CAPABILITY=MKNOD:on', 'CAPABILITY', 'CAPABILITY="LEASE:on SYS_TIME:off"'), [
      { type: 'switches', switches: [{ name: 'MKNOD', on: true }] },
      { type: 'switches', switches: [{ name: 'SYS_TIME', on: false }] },
    ]);
    assert.deepEqual(states(parse('CAPABILITY=MKNOD:on', 'CAPABILITY=LEASE:on').items), [
      'c1 used',
      'g1 overridden',
    ]);
  });
  it('paths are expanded with the id of the container', () => {
    assert.deepEqual(values('', 'VE_PRIVATE', 'VE_PRIVATE=/vz/private/$VEID'), [
      { type: 'text', text: '/vz/private/101' },
    ]);
  });
});

describe('unknown and rejected lines', () => {
  it('say what they are', () => {
    const { items } = parse(
      'DISK="x"\nonboot=yes\nexport ONBOOT="yes"\nA+=b\nVZHOSTBR=vmbr1\nwhat\n=x\nINITLOG=yes',
    );
    assert.deepEqual(
      items.map(({ state, reason }) => `${state}: ${reason}`),
      [
        'unknown: a key of Virtuozzo that names data outside of the private area, which is not moved',
        'unknown: vzctl reads ONBOOT= only when it is written exactly so',
        'unknown: vzctl reads ONBOOT= only when it is written exactly so',
        'unknown: vzctl does not know this key',
        'unknown: read by site scripts, not by vzctl: --bridge-map, --ip and the gateway options say it to vpsAdminOS',
        'rejected: no "=" on the line',
        'unknown: nothing stands before the "="',
        "unknown: no counterpart in vpsAdminOS; Proxmox VE's own",
      ],
    );
  });
});

describe('lines without effect', () => {
  it('with an invalid value are warned of', () => {
    assert.deepEqual(parse('HOSTNAME=a\nONBOOT=auto').warnings, [
      {
        code: 'INVALID_VALUE',
        text: 'ONBOOT: "auto" is neither yes nor no; vzctl takes the key as absent',
        line: 2,
      },
    ]);
    assert.deepEqual(parse('', 'ONBOOT=auto').warnings, [
      {
        code: 'INVALID_VALUE',
        text: 'vz.conf line 1: ONBOOT: "auto" is neither yes nor no; vzctl takes the key as absent',
        line: null,
      },
    ]);
  });
  const bent: readonly (readonly [string, string])[] = [
    ['spaces', 'HOSTNAME = "a"'],
    ['a tab', 'HOSTNAME\t=a'],
    ['export', 'export HOSTNAME="a"'],
    ['a byte order mark', '\ufeffHOSTNAME="a"'],
    ['another case', 'Hostname="a"'],
    ['+=', 'HOSTNAME+=a'],
  ];
  for (const [name, line] of bent) {
    it(`with a key that is bent by ${name} are warned of`, () => {
      const [warning, ...more] = parse(`#\n${line}`).warnings;
      assert.deepEqual([warning?.code, warning?.line, more.length], ['BENT_KEY', 2, 0]);
      assert.match(warning?.text ?? '', /: vzctl reads HOSTNAME= only when it is written exactly so$/);
    });
  }
  it('with a bent key are warned of beside bytes that are not UTF-8', () => {
    const config = Buffer.from('\xef\xbb\xbfHOSTNAME="\xe9"', 'latin1');
    assert.deepEqual(
      parse(config).warnings.map(({ code }) => code),
      ['BENT_KEY'],
    );
  });
  it('with other unknown keys are not', () => {
    assert.deepEqual(codes('VZHOSTBR=vmbr1\nNO KEY=1\nverbose=1\nINITLOG=yes'), []);
  });
  it('without an assignment are warned of', () => {
    const { warnings } = parse(`what\n${'x'.repeat(100_000)}\nIOPRIO=${'9'.repeat(100_000)}`);
    assert.deepEqual(warnings[0], {
      code: 'LINE_REJECTED',
      text: '"what": no "=" on the line; vzctl skips the line',
      line: 1,
    });
    assert.deepEqual(
      warnings.map(({ code, text }) => [code, text.length < 200]),
      [
        ['LINE_REJECTED', true],
        ['LINE_REJECTED', true],
        ['INVALID_VALUE', true],
      ],
    );
  });
});

describe('a shell that sources the file', () => {
  const differs = [
    'HOSTNAME=$(hostname)',
    'HOSTNAME=`hostname`',
    'HOSTNAME="$NAME"',
    "HOSTNAME='a b'",
    'HOSTNAME=a b',
    'HOSTNAME="a" # say "b"',
    'HOSTNAME=a;b',
    'HOSTNAME="a\\\\b\\c"',
    'VE_PRIVATE=/vz/$VEIDx',
  ];
  for (const line of differs) it(`differs: ${line}`, () => assert.deepEqual(codes(line), ['SHELL_DIFFERS']));
  const agrees = [
    'HOSTNAME=a',
    'HOSTNAME="a b" # note',
    'HOSTNAME="a"\r',
    'HOSTNAME="a \\"b\\""',
    'VE_PRIVATE=/vz/private/$VEID',
    'VE_PRIVATE="/vz/private/${' + 'VEID}"',
    'NAMESERVER=inherit # Copy from /etc/resolv.conf',
    'HOSTNAME="été"',
    'IPTABLES_MODULES="$IPTABLES"',
  ];
  for (const line of agrees) it(`agrees: ${line}`, () => assert.deepEqual(codes(line), []));
  it('a folded value warns of its quote', () => {
    const { items, warnings } = parse('IPTABLES="ipt_state\n  ipt_LOG"');
    assert.deepEqual(states(items), ['c1 used', 'c2 rejected']);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['UNMATCHED_QUOTE', 'LINE_REJECTED'],
    );
  });
});

describe('cases that other converters get wrong', () => {
  const rows: readonly (readonly [string, string, unknown])[] = [
    [
      'PHYSPAGES="0:unlimited"',
      'PHYSPAGES',
      { type: 'limits', unit: 'pages', barrier: '0', limit: 'unlimited' },
    ],
    [
      'SWAPPAGES="0:unlimited"',
      'SWAPPAGES',
      { type: 'limits', unit: 'pages', barrier: '0', limit: 'unlimited' },
    ],
    ['IP_ADDRESS=""', 'IP_ADDRESS', { type: 'addresses', addresses: [] }],
    ['NAMESERVER="inherit"', 'NAMESERVER', { type: 'names', inherit: true, names: [] }],
    ['ONBOOT="auto"', 'ONBOOT', undefined],
    ['OSTEMPLATE=".centos-6-x86_64"', 'OSTEMPLATE', { type: 'text', text: '.centos-6-x86_64' }],
    [
      'DISKSPACE="2G:2.2G"',
      'DISKSPACE',
      { type: 'limits', unit: 'kib', barrier: '2097152', limit: '2306867' },
    ],
    ['IP6TABLES="x"', 'IP6TABLES', { type: 'text', text: 'x' }],
    ['IP_ADDRESS="0.0.0.0"', 'IP_ADDRESS', { type: 'addresses', addresses: [] }],
    ['  HOSTNAME="a"\r\n', 'HOSTNAME', { type: 'text', text: 'a' }],
    ['HOSTNAME=a\r\n', 'HOSTNAME', { type: 'text', text: 'a' }],
    ['CPULIMIT="100.0"', 'CPULIMIT', undefined],
    [
      'IP_ADDRESS="10.0.0.1/24"',
      'IP_ADDRESS',
      { type: 'addresses', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] },
    ],
  ];
  for (const [config, key, expected] of rows) {
    it(JSON.stringify(config), () => assert.deepEqual(values(config, key)[0], expected));
  }
});

describe('any bytes', () => {
  it('give items that make a valid document, each line once', () => {
    const key = fc.constantFrom(
      'IP_ADDRESS',
      'CAPABILITY',
      'NETIF',
      'PHYSPAGES',
      'VE_ROOT',
      'FEATURES',
      'DEVICES',
      'X',
    );
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(key, fc.string({ maxLength: 20 })).map(([name, text]) => Buffer.from(`${name}=${text}\n`)),
    );
    const config = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.concat(lines));
    fc.assert(
      fc.property(config, config, (container, global) => {
        const result = parseConfig({ ctid: '101', container, global, pageSize: 4096 });
        const source = { host: null, path: null, files: [] };
        const document = { kind: 'vz-config', schema: 1, ctid: '101', source, facts: null, ...result };
        validateDocument(document, 'vz-config', 'test');
        const seen = result.items.map(({ origin, line: number }) => `${origin} ${number}`);
        assert.equal(new Set(seen).size, seen.length);
      }),
      { numRuns: 500 },
    );
  });

  it('of great length are read in no time', () => {
    const long = 'x'.repeat(1_000_000);
    const slashes = '/'.repeat(500_000);
    const config = `HOSTNAME=${long}\n${long}\nVE_ROOT=${slashes}x\nNUMPROC=${'9'.repeat(500_000)}\nNETIF=${',;'.repeat(200_000)}`;
    const started = process.cpuUsage();
    assert.equal(parse(config).items.length, 5);
    const { user } = process.cpuUsage(started);
    assert.ok(user < 5_000_000, `${user} µs`);
  });
});
