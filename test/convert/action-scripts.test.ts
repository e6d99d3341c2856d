// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { toSourceFile } from '../../lib/source/source-file.ts';
import { configOf, convertChecked, factsOf } from './samples.ts';

interface Script {
  readonly name: string;
  readonly executable?: boolean;
  /** null: not kept. */
  readonly content: string | Buffer | null;
}

/** `CODE severity text` of each script's warning. */
function warningsOf(...scripts: readonly Script[]): string[] {
  const actionScripts = scripts.map(({ name, executable = true }) => ({
    path: `/etc/vz/conf/${name}`,
    executable,
  }));
  const files = scripts.flatMap(({ name, content }) =>
    content === null ? [] : [toSourceFile(`/etc/vz/conf/${name}`, 'script', Buffer.from(content))],
  );
  const config = configOf('', { facts: factsOf({ actionScripts }) });
  const { report } = convertChecked({ ...config, source: { ...config.source, files } }, DEFAULT_OPTIONS);
  return report.warnings
    .filter(({ code }) => code.startsWith('ACTION_SCRIPT'))
    .map(({ code, severity, text }) => `${code} ${severity}: ${text}`);
}

describe('an action script is warned of', () => {
  it('with the mounts that it makes, as written', () => {
    const content =
      '#!/bin/sh\n. $VE_CONFFILE\n  mount -n --bind /srv/a ${VE_ROOT}/a\n# mount b\n/bin/mount c d\n';
    assert.deepEqual(warningsOf({ name: '101.mount', content }), [
      'ACTION_SCRIPT major: /etc/vz/conf/101.mount runs on the host, and will not on vpsAdminOS; it mounts: line 3: mount -n --bind /srv/a ${VE_ROOT}/a; line 5: /bin/mount c d',
    ]);
  });

  it('without the password of a share', () => {
    const content = 'mount -t cifs -o user=u,password=s3cret,ro //srv/x y\n';
    assert.match(
      warningsOf({ name: '101.mount', content }).join(),
      /line 1: mount -t cifs -o user=u,password=\.\.\.,ro \/\/srv\/x y$/,
    );
  });

  it('by where it runs', () => {
    const texts = warningsOf(
      { name: 'vps.mount', content: '' },
      { name: '101.umount', content: 'umount x\n' },
      { name: '101.start', content: '' },
    );
    assert.deepEqual(
      texts.map((text) => /runs ([^,]*), .*; (.*)/.exec(text)?.slice(1)),
      [
        ['on the host for every container', 'no mount command was found in it'],
        ['on the host', 'no mount command was found in it'],
        ['inside of the container', 'no mount command was found in it'],
      ],
    );
  });

  it('as of no effect when vzctl does not run it', () => {
    assert.deepEqual(
      warningsOf(
        { name: '101.mount', executable: false, content: 'mount a b' },
        { name: 'vps.create', content: '' },
      ),
      [
        'ACTION_SCRIPT_NOT_RUN info: /etc/vz/conf/101.mount: not executable, so vzctl cannot run it; it mounts: line 1: mount a b',
        'ACTION_SCRIPT_NOT_RUN info: /etc/vz/conf/vps.create: runs only when a container is created; no mount command was found in it',
      ],
    );
  });

  it('also when it is not executable and runs inside, where a shell reads it', () => {
    assert.match(
      warningsOf({ name: '101.stop', executable: false, content: '' }).join(),
      /^ACTION_SCRIPT major: /,
    );
  });

  it('in bounded words, whatever it holds', () => {
    const long = `mount ${'x'.repeat(5000)}`;
    const [text = ''] = warningsOf({ name: '101.mount', content: `${long}\n`.repeat(12) });
    assert.equal(text.match(/line \d+: mount x+…/g)?.length, 10);
    assert.match(text, / and 2 more$/);
    assert.ok(text.length < 2000, String(text.length));
    assert.match(
      warningsOf({ name: '101.mount', content: 'mount a\u001b[2J b' }).join(),
      /line 1: mount a\\x1b\[2J b$/,
    );
  });

  it('when it is not UTF-8, and when its content was not kept', () => {
    const latin1 = Buffer.from('mount /srv/\xe9 b\n', 'latin1');
    assert.match(warningsOf({ name: '101.mount', content: latin1 }).join(), /line 1: mount \/srv\/é b$/);
    assert.match(
      warningsOf({ name: '101.mount', content: null }).join(),
      /; its content is not in the document$/,
    );
  });
});
