import { testFaults } from '../support/faults/matrix.ts';

testFaults('zfs-receive-2', { table: 'build/faults-zfs-receive-2.md' });
