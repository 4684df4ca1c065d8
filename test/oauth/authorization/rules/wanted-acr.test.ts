/** acr_values and an essential acr. OpenID Connect Core §5.5.1.1, RFC 9470 §5 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confidentialClient, publicClient, type Registered } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { told } from './asking.ts';

let server: TestServer;
let spa: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer();
  spa = await publicClient(server);
  web = await confidentialClient(server);
});
afterAll(() => server.stop());

const PASSWORD = 'urn:gatehouse:acr:pwd';
const claims = (acr: unknown) => JSON.stringify({ id_token: { acr } });

it('Z22 a voluntary acr never fails', async () => {
  for (const acr_values of [PASSWORD, 'urn:unknown', `urn:unknown ${PASSWORD}`, ''])
    expect(await told(server, spa, { acr_values }), acr_values).toBe('ok');
  expect(await told(server, web, { claims: claims({ value: 'urn:unknown' }) })).toBe('ok');
});

it('Z22 an essential acr that cannot be reached is refused before the user signs in', async () => {
  for (const acr of [
    { essential: true, value: 'urn:unknown' },
    { essential: true, values: ['urn:unknown', 'urn:other'] },
  ])
    expect(await told(server, spa, { claims: claims(acr) })).toBe('unreachable_acr');
  for (const acr of [
    { essential: true, value: PASSWORD },
    { essential: true, values: ['urn:unknown', PASSWORD] },
    { essential: true },
    null,
  ])
    expect(await told(server, spa, { claims: claims(acr) }), JSON.stringify(acr)).toBe('ok');
});

it('Z28 an acr of another shape is refused', async () => {
  for (const acr of [
    'x',
    1,
    [],
    { value: 1 },
    { values: [] },
    { values: 'x' },
    { essential: 'yes' },
    { values: [1] },
  ])
    expect(await told(server, web, { claims: claims(acr) }), JSON.stringify(acr)).toBe('malformed_claims');
});
