/** One change that a guest from OpenVZ needs, or may need, to run on vpsAdminOS. */
export interface Fix {
  /** Of small letters, digits and dashes. */
  readonly id: string;
  /** Distributions as osctld names them; null: any. */
  readonly distributions: readonly string[] | null;
  /** In words: of which versions. The script finds out by itself. */
  readonly versions: string;
  /** What in the tree decides whether there is something to do. */
  readonly looksAt: string;
  readonly changes: string;
  readonly why: string;
  /** Where the fact is from. */
  readonly source: string;
  /** Shell text that defines `fix_ID`, with _ for -. */
  readonly script: string;
}
