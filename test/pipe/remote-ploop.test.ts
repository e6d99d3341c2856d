import { testBrokenLinks } from '../support/remote-node/broken-links.ts';

// The stop is the same for all; see remote-simfs.
testBrokenLinks('ploop', ['down', 'flowing']);
