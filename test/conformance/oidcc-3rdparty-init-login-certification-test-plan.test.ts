import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Op, startOp } from './op.ts';
import { register, tryRegister } from './relying-party.ts';

describe('oidcc-3rdparty-init-login-certification-test-plan', () => {
  let op: Op;
  beforeAll(async () => {
    op = await startOp();
  });
  afterAll(() => op.stop());

  it('oidcc-3rd_party-init-login', async () => {
    const initiate_login_uri = `${op.site.origin}/initiate_login`;
    const client = await register(op, { initiate_login_uri });
    expect(client.initiate_login_uri).toBe(initiate_login_uri);
    const headers = { authorization: `Bearer ${client.registration_access_token}` };
    const read = await op.send(client.registration_client_uri, { headers });
    expect(await read.json()).toMatchObject({ client_id: client.client_id, initiate_login_uri });
  });

  it('oidcc-3rd_party-init-login-nohttps', async () => {
    const initiate_login_uri = `${op.site.origin.replace('https:', 'http:')}/initiate_login`;
    const { status, body } = await tryRegister(op, { initiate_login_uri });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_client_metadata');
  });
});
