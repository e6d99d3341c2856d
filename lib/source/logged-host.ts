import type { Host } from '../host/host.ts';
import { quoteArgv } from '../host/quote.ts';

/** The same host, telling `say` each command that is run there; of a script only that there is one. */
export function loggedHost(host: Host, say: (line: string) => void): Host {
  const sayCommand = (argv: readonly string[]): void => {
    const words = argv.map((word) => (word.includes('\n') ? 'SCRIPT' : word));
    say(`on ${host.label}: ${quoteArgv(words)}`);
  };
  return {
    ...host,
    spawn: (argv, options) => {
      sayCommand(argv);
      return host.spawn(argv, options);
    },
    readAndRun: (request) => {
      sayCommand(request.argv);
      return host.readAndRun(request);
    },
  };
}
