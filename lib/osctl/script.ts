/** Leaves out the comments of a script that travels in a command line. */
export function compactScript(script: string): string {
  return script
    .split('\n')
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .join('\n');
}
