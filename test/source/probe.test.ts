import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sendFlags } from '../../lib/source/probe.ts';

const OPENZFS_2_1 = `missing snapshot argument
usage:
	send [-DnPpRVvLecwhb] [-[i|I] snapshot] <snapshot>
	send [-DnVvPLecw] [-i snapshot|bookmark] <filesystem|volume|snapshot>
	send [-DnPpVvLec] [-i bookmark|snapshot] --redact <bookmark> <snapshot>
	send [-nVvPe] -t <receive_resume_token>
	send [-PnVv] --saved filesystem
`;
const ZFS_FUSE = `missing snapshot argument
usage:
	send [-RDp] [-[iI] snapshot] <snapshot>

For the property list, run: zfs set|get
`;
const ZOL_0_6 = `missing snapshot argument
usage:
	send [-DnPpRvLe] [-[iI] snapshot] <snapshot>
	send [-Le] [-i snapshot|bookmark] <filesystem|volume|snapshot>
	send [-nvPe] -t <receive_resume_token>
`;
const OPENZFS_2_2 = `usage:
	send [-DLPbcehnpsVvw] [-i|-I snapshot]
	     [-R [-X dataset[,dataset]...]]     <snapshot>
	send [-DnVvPLecw] [-i snapshot|bookmark] <filesystem|volume|snapshot>
`;

it('the flags of zfs send are read from its usage', () => {
  const of = (usage: string): string => sendFlags(usage).join('');
  assert.equal(of(OPENZFS_2_1), 'DnPpRVvLecwhb');
  assert.equal(of(ZFS_FUSE), 'RDp');
  assert.equal(of(ZOL_0_6), 'DnPpRvLe');
  assert.equal(of(OPENZFS_2_2), 'DLPbcehnpsVvw');
  assert.equal(of('internal error: failed to initialize ZFS library\n'), '');
  assert.equal(of('usage:\n\tsend [-nvPe] -t <receive_resume_token>\n'), '');
});
