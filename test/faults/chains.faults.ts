import { testChain } from '../support/faults/chain.ts';

for (const storage of ['simfs', 'ploop', 'zfs-receive-1', 'zfs-receive-2', 'zfs-root'] as const) {
  for (const fault of ['after', 'lost', 'fails'] as const) testChain(storage, fault);
}
