import { testChain } from '../support/faults/chain.ts';

testChain('zfs-receive-1', 'after');
