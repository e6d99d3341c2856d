import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPipe } from './run-pipe.ts';

test('runPipe gives the code of every stage', async () => {
  const result = await runPipe(['echo data', 'cat', '(cat >/dev/null; exit 5)', 'true']);
  assert.deepEqual([result.code, result.codes], [5, [0, 0, 5, 0]]);
  const text = await runPipe('cat; echo aside >&2', { input: 'in' });
  assert.deepEqual([text.code, text.stdout, text.stderr], [0, 'in', 'aside\n']);
  const killed = await runPipe("sh -c 'kill -9 $$'");
  assert.equal(killed.code, 137);
});
