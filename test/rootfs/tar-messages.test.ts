import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tarMessages } from '../../lib/rootfs/tar-messages.ts';

test('that a file system has no extended attributes is said once, all else as tar says it', () => {
  const said: string[] = [];
  const hear = tarMessages((line) => said.push(line));
  for (const line of [
    '/bin/tar: .: Warning: Cannot flistxattr: Operation not supported',
    '/bin/tar: etc/a: b: Warning: Cannot llistxattrat: Operation not supported',
    '/bin/tar: etc/shadow: Warning: Cannot flistxattr: Permission denied',
    '/bin/tar: srv: socket ignored',
    '/bin/tar: x: Warning: Cannot llistxattr: Operation not supported',
  ])
    hear(line);
  assert.deepEqual(said, [
    'its file system has no extended attributes: there are none to pack',
    '/bin/tar: etc/shadow: Warning: Cannot flistxattr: Permission denied',
    '/bin/tar: srv: socket ignored',
  ]);
});
