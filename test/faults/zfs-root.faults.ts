import { testFaults } from '../support/faults/matrix.ts';

testFaults('zfs-root', { table: 'build/faults-zfs-root.md' });
