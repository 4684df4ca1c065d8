/** Of two faults which one is told. RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publicClient, type Registered } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { told } from './asking.ts';

let server: TestServer;
let spa: Registered;

beforeAll(async () => {
  server = await startServer();
  spa = await publicClient(server);
});
afterAll(() => server.stop());

type Fault = readonly [reason: string, changes: Record<string, string | string[] | undefined>];

/** In the order in which they are told. */
const faults: readonly Fault[] = [
  ['repeated_parameter', { display: ['page', 'page'] }],
  ['request_not_supported', { request: 'x' }],
  ['unsupported_response_type', { response_type: 'token' }],
  ['unsupported_response_mode', { response_mode: 'jwt' }],
  ['scope_not_allowed', { scope: 'admin' }],
  ['missing_code_challenge', { code_challenge: undefined, code_challenge_method: undefined }],
  ['unknown_resource', { resource: 'https://nobody.example/' }],
  ['prompt_none_with_others', { prompt: 'none login' }],
  ['malformed_max_age', { max_age: 'x' }],
  ['foreign_id_token_hint', { id_token_hint: 'x' }],
  ['malformed_claims', { claims: 'x' }],
];

it.each(faults)('%s is reported where it is the only fault', async (reason, changes) => {
  expect(await told(server, spa, changes)).toBe(reason);
});

it.each(faults.slice(0, -1).map((fault, index) => [fault[0], index] as const))(
  '%s is told before all that come after it',
  async (reason, index) => {
    const changes = Object.assign({}, ...faults.slice(index).map(([, one]) => one));
    expect(await told(server, spa, changes)).toBe(reason);
  },
);
