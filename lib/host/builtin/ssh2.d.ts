/** A part of ssh2 that its types leave out. */
declare module 'ssh2/lib/protocol/crypto.js' {
  /** Whether the native addon was built, and fits this Node.js. */
  export const bindingAvailable: boolean;
}
