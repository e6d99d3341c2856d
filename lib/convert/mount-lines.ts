export interface MountLine {
  /** From 1. */
  readonly line: number;
  /** As written, without the white space around it. */
  readonly text: string;
}

/**
 * The lines of an action script that run mount(8), in shell, Perl or Ruby: `mount -n --bind a b`, `/bin/mount a b`,
 * `$MOUNT a b`, `system("mount", "a", "b")`, `syscmd("mount a b")`. A mount without arguments only lists what is
 * mounted, and words in a message mount nothing. Read for a person, who sees the script's name in any case: what is
 * put together at run time is not found.
 */
export function mountLines(text: string): MountLine[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    return runsMount(trimmed.slice(0, LONGEST)) ? [{ line: index + 1, text: trimmed }] : [];
  });
}

/** Goes through the words of a line and keeps whether the next one can be a command. */
function runsMount(line: string): boolean {
  if (line.startsWith('#') || !/mount/i.test(line)) return false;
  let isCommand = true;
  let isMessage = false;
  let before = ' ';
  for (const match of line.matchAll(TOKEN)) {
    const [token] = match;
    const rest = line.slice(match.index + token.length);
    if (/^\s/.test(token)) {
      // Behind a closing quote stands an argument.
      if (isQuote(before)) isCommand = false;
    } else if (/^[;|&`(){}!"']$/.test(token)) {
      isCommand = true;
      if (/[;|&`]/.test(token) || (token === '(' && before.endsWith('$'))) isMessage = false;
    } else if (token.startsWith('#') && /^\s/.test(before) && !rest.startsWith('{')) {
      return false;
    } else if (isMountWord(token)) {
      if (!isMessage && hasArguments(rest) && (isCommand || /^\s+-/.test(rest))) return true;
      isCommand = false;
    } else {
      if (BEGINS_COMMAND.has(token)) isMessage = false;
      if (MESSAGES.has(token)) isMessage = true;
      const staysCommand: boolean = isCommand && (WRAPPERS.has(token) || /^(-|\d|\w+=)/.test(token));
      isCommand = BEGINS_COMMAND.has(token) || staysCommand;
    }
    before = token;
  }
  return false;
}

function isMountWord(word: string): boolean {
  return /^(?:\/\S*\/s?bin\/|\/s?bin\/)?mount(?:\.(?:cifs|nfs4?))?$|^\$(?:MOUNT|\{MOUNT\})$/.test(word);
}

/** `mount | grep`, `mount = 1` and `mount)` have none. In a list they follow a comma. */
function hasArguments(rest: string): boolean {
  return /^\s+(?:#\{|[^\s|;&)<>#=\]])/.test(rest) || /^["']\s*,/.test(rest);
}

function isQuote(token: string): boolean {
  return token === '"' || token === "'";
}

/** White space, a separator, or a word, which may hold `${NAME}`. */
const TOKEN = /\s+|[;|&`(){}!"'[\],<>]|(?:\$\{\w*\}|[^\s;|&`(){}!"'[\],<>])+/g;

/** Words of a shell, Perl or Ruby behind which a command begins. */
const BEGINS_COMMAND: ReadonlySet<string> = new Set(
  'and do elif else if or then unless until while'.split(' '),
);

/** Commands whose argument is a command; options and numbers may stand between. */
const WRAPPERS: ReadonlySet<string> = new Set(
  'busybox command env eval exec ionice nice nohup sudo time timeout'.split(' '),
);

/** What follows is said, not run. */
const MESSAGES: ReadonlySet<string> = new Set('die echo log logger print printf puts raise warn'.split(' '));

/** Longer lines are no longer commands; a hostile one must not take long. */
const LONGEST = 4096;
