import { testChain } from '../support/faults/chain.ts';

testChain('simfs', 'after');
