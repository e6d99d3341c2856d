import { testBrokenLinks } from '../support/remote-node/broken-links.ts';

testBrokenLinks('zfs', ['down', 'flowing', 'quiet']);
