import { testBrokenLinks } from '../support/remote-node/broken-links.ts';

testBrokenLinks('simfs', ['stopping', 'down', 'flowing']);
