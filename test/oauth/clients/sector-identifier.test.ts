import { expect, test } from 'vitest';
import { createLog } from '../../../src/lib/log.ts';
import { findSectorFault } from '../../../src/oauth/clients/sector-identifier.ts';

const log = createLog({ level: 'silent' }, { write() {} });

function faultOf(document: Buffer, redirect_uri: string): Promise<string | undefined> {
  const outbound = async () => ({ status: 200, headers: {}, body: document });
  const metadata = { sector_identifier_uri: 'https://app.example/list.json', redirect_uris: [redirect_uri] };
  return findSectorFault({ outbound, log }, metadata);
}

test('a list that is not UTF-8 lists nothing: it is not repaired', async () => {
  const listed = (path: string) => Buffer.from(`["https://app.example/${path}"]`, 'latin1');
  expect(await faultOf(listed('cb'), 'https://app.example/cb')).toBeUndefined();
  expect(await faultOf(listed('é'), 'https://app.example/\ufffd')).toContain('could not be read');
});
