import { testFaults } from '../support/faults/matrix.ts';

testFaults('ploop', { table: 'build/faults-ploop.md' });
