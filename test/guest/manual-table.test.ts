import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixesSection, sectionOf, withSection } from '../support/manual-tables.ts';

const MANUAL = 'cmd/vz-guest-fix.8.md';

test('the manual has the table of fixes as it is; VZ2OSCTL_UPDATE_GOLDEN=1 writes it', () => {
  const section = fixesSection();
  const manual = readFileSync(MANUAL, 'utf8');
  if (process.env['VZ2OSCTL_UPDATE_GOLDEN'] === '1') writeFileSync(MANUAL, withSection(manual, section));
  else assert.equal(sectionOf(manual, section.heading), section.text);
});
