import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { StorageUnavailableError } from '../../src/storage/storage-errors.ts';
import { type Answer, answerOf, confidentialClient, post, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { expectCommonHeaders, expectError } from './answers.ts';

let server: TestServer;
let machine: Registered;

beforeAll(async () => {
  server = await startServer();
  machine = await confidentialClient(server, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
});
afterAll(() => server.stop());
afterEach(() => void vi.restoreAllMocks());

const request = async (path: string): Promise<Answer> =>
  answerOf(await fetch(server.issuer + path, { redirect: 'manual' }));
const clientCredentials = () => post(server, '/token', { grant_type: 'client_credentials' }, machine);

describe('when something breaks', () => {
  test('K4 a storage fault is 503 with Retry-After, never 200', async () => {
    vi.spyOn(server.gatehouse.db, 'get').mockRejectedValue(
      new StorageUnavailableError('disk full at /var/x'),
    );
    expect((await request('/health/ready')).status).toBe(503);
    expect((await request('/health/live')).status).toBe(200);
    const answer = await clientCredentials();
    expectError(answer, 503, 'temporarily_unavailable');
    expect(answer.body.error_description).not.toContain('/var/x');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    const page = await request('/authorize?client_id=x');
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('G16 the answer to an unexpected failure has an opaque id, under which the log has the stack', async () => {
    vi.spyOn(server.gatehouse.clients, 'find').mockRejectedValue(new Error('secret detail'));
    for (const answer of [
      await clientCredentials(),
      await request(`/authorize?client_id=${machine.client.client_id}`),
    ]) {
      expect(answer.status).toBe(500);
      const id = answer.headers.get('x-request-id') ?? 'none';
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      expect(text).toContain(id);
      expect(text).not.toContain('secret detail');
      const line = server.lines.find(
        (candidate) => candidate.includes(id) && candidate.includes('"level":50'),
      );
      expect(line).toContain('secret detail');
      expectCommonHeaders(answer);
    }
  });
});
