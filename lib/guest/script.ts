import change from './change.sh';
import guests from './guests.sh';
import run from './run.sh';
import type { Selected } from './select.ts';
import setup from './setup.sh';
import store from './store.sh';
import tree from './tree.sh';
import undo from './undo.sh';

/**
 * The POSIX shell script that makes the fixes in a tree. It takes the tree as its argument, or, without one, is run inside of
 * the container. On stdout it writes `fix ID OUTCOME [WHAT]` for each, and at last `end …`.
 */
export function fixScript(id: string, selected: readonly Selected[]): string {
  return join([
    `#!/bin/sh
# Makes the guest of container ${id} ready for vpsAdminOS. Written by vz-guest-fix(8). It may be run again;
# vz-guest-fix --undo writes the script that takes all of it back.`,
    section('The tree', setup),
    section('Ways through it', tree),
    section('What is kept to undo it', store),
    section('Changes', change),
    section('Guests', guests),
    section('Outcomes', run),
    ...selected.map(fixText),
    'finish',
  ]);
}

/** The script that takes all back: `undo PATH OUTCOME` for each change, and at last `end …`. */
export function undoScript(): string {
  return join([
    `#!/bin/sh
# Takes back what a script of vz-guest-fix(8) has changed in the guest of a container.`,
    section('The tree', setup),
    section('Ways through it', tree),
    section('Taking it back', undo),
  ]);
}

function fixText({ fix, skipped }: Selected): string {
  if (skipped) return `skip ${fix.id}`;
  return `# --- ${fix.id} (${fix.versions})
# Looks at: ${fix.looksAt}.
# Changes:  ${fix.changes}.
# Why:      ${fix.why}.
# Source:   ${fix.source}.
${withoutDirectives(fix.script).trimEnd()}
apply ${fix.id}`;
}

function section(title: string, script: string): string {
  return `# === ${title}\n${withoutDirectives(script)}`;
}

/** What is for shellcheck, and for those who read the parts alone. */
function withoutDirectives(script: string): string {
  return script
    .split('\n')
    .filter((line) => !/^\s*# (shellcheck |A part: )/.test(line))
    .join('\n');
}

function join(parts: readonly string[]): string {
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}
