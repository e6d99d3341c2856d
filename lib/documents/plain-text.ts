/**
 * Text of one line that a terminal shows as it stands: no control characters, line separators or marks that turn the
 * direction of writing, and nothing that YAML refuses (lone surrogates, U+FFFE, U+FFFF). At most 1024 characters.
 */
export function isPlainText(text: string): boolean {
  return text.length <= MAX_CHARACTERS && !UNFIT.test(text);
}

const MAX_CHARACTERS = 1024;
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u;
