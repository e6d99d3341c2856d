import type { VzConfig } from '../documents/vz-config.ts';
import type { Ledger } from './ledger.ts';
import type { ConvertOptions } from './options.ts';

/** What every topic of the conversion works on; it answers with its part of the container and fills the ledger. */
export interface Context {
  readonly config: VzConfig;
  readonly options: ConvertOptions;
  readonly ledger: Ledger;
}
