/** Set by the bundler from package.json. */
declare const VZ2OSCTL_VERSION: string;

/** Shell scripts are bundled as text, so that they can be read, checked and edited as scripts. */
declare module '*.sh' {
  const text: string;
  export default text;
}

declare module '*.bash' {
  const text: string;
  export default text;
}

declare module '*.zsh' {
  const text: string;
  export default text;
}

/** What lib.dom.d.ts has of it, as far as it is used; @types/node for Node 20 has none. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
}
