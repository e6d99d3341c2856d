import type { Draft } from './draft.ts';

/** What a `Way` does, as lines, in its order. Pure. */
export interface WayPlan {
  readonly make: (draft: Draft) => void;
  readonly pass: (draft: Draft, kind: { readonly last: boolean }) => void;
  readonly commit: (draft: Draft) => void;
  readonly withhold: (draft: Draft) => void;
  readonly discard: (draft: Draft) => void;
  readonly finish: (draft: Draft) => void;
}
