import { testFaults } from '../support/faults/matrix.ts';

testFaults('simfs', { table: 'build/faults-simfs.md' });
