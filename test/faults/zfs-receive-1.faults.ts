import { testFaults } from '../support/faults/matrix.ts';

testFaults('zfs-receive-1', { table: 'build/faults-zfs-receive-1.md' });
