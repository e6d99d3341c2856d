import { isUtf8 } from 'node:buffer';
import type { SourceFile } from '../documents/source.ts';

/** A file of the source as documents carry it, byte for byte. */
export function toSourceFile(path: string, role: SourceFile['role'], content: Buffer): SourceFile {
  const encoding = isUtf8(content) ? 'utf8' : 'base64';
  return { path, role, encoding, content: content.toString(encoding) };
}
