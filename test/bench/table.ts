/** One line of the bench's table. */
export function row(what: string, figure: string, target: string, met: boolean): void {
  process.stdout.write(
    `${met ? 'ok    ' : 'MISSED'}  ${what.padEnd(58)} ${figure.padStart(22)}   target ${target}\n`,
  );
}

/** A line whose figure is a quotient. */
export function ratio(
  what: string,
  a: number,
  b: number,
  target: string,
  met: (value: number) => boolean,
): void {
  row(what, `${a.toFixed(2)} / ${b.toFixed(2)} = ${(a / b).toFixed(2)}`, target, met(a / b));
}
