import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CorsRule } from '../../src/http/cors.ts';
import { endpoints } from '../../src/http/endpoints/index.ts';
import { pages } from '../../src/http/pages/index.ts';
import { type Answer, answerOf, post, publicClient } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const request = async (path: string, init: RequestInit = {}): Promise<Answer> =>
  answerOf(await fetch(server.issuer + path, { redirect: 'manual', ...init }));

const openTo = (rule: CorsRule) => endpoints.filter(({ cors }) => cors === rule).map(({ path }) => path);

describe('other origins', () => {
  const preflight = (path: string, origin: string) =>
    request(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  test('G9 the origin of a registered redirect URI may call token, revoke and userinfo, without credentials', async () => {
    const origin = 'https://spa.example.com';
    expect((await preflight('/token', origin)).headers.get('access-control-allow-origin')).toBeNull();
    await publicClient(server, { redirect_uris: [`${origin}/cb`] });
    for (const path of openTo('clients')) {
      const answer = await preflight(path, origin);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-headers')).toBe(
        'authorization, content-type, mcp-protocol-version, *',
      );
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin');
      const refused = await post(server, path, { token: 'x' }, undefined, { origin });
      expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    }
  });

  test('G9 other origins may not, and an unknown origin is never reflected', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://spa.example.com.evil.example']) {
      for (const path of openTo('clients')) {
        expect((await preflight(path, origin)).headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });

  test('G9 pages and /authorize allow no origin; discovery and keys allow any', async () => {
    const headers = { origin: 'https://app.example.com' };
    for (const path of [...pages.map((page) => page.path), ...openTo('none')]) {
      const answer = await request(path, { method: 'OPTIONS', headers });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    for (const path of openTo('public')) {
      const answer = await request(path, { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});
