/** Set by the bundler from package.json. */
declare const VZ2OSCTL_VERSION: string;

/** Shell scripts are bundled as text, so that they can be read, checked and edited as scripts. */
declare module '*.sh' {
  const text: string;
  export default text;
}
