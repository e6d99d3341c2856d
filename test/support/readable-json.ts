/**
 * JSON for people to read and to compare line by line: whatever fits in `WIDTH` columns stands on one line, and so does
 * each object or list that holds no other, however long it is. Ends with a newline.
 */
export function readableJson(value: unknown): string {
  return `${emit(JSON.parse(JSON.stringify(value)), '')}\n`;
}

function emit(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const line = onOneLine(value);
  if (indent.length + line.length <= WIDTH || Object.values(value).every(isPlain)) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item: unknown) => emit(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${emit(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${onOneLine(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

const WIDTH = 140;
