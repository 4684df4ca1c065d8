import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Op, startOp } from './op.ts';

describe('oidcc-config-certification-test-plan', () => {
  let op: Op;
  beforeAll(async () => {
    op = await startOp();
  });
  afterAll(() => op.stop());

  it('oidcc-discovery-endpoint-verification', async () => {
    const answer = await op.send(`${op.issuer}/.well-known/openid-configuration`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { metadata } = op;
    expect(metadata.issuer).toBe(op.issuer);
    const urls = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
    expect(urls.length).toBeGreaterThanOrEqual(8);
    for (const [, url] of urls) expect(url).toMatch(/^https:\/\//);
    expect(metadata.response_types_supported).toContain('code');
    expect(metadata.subject_types_supported).toContain('public');
    expect(metadata.id_token_signing_alg_values_supported).toContain('RS256');
    expect(metadata.scopes_supported).toContain('openid');
    expect(metadata.grant_types_supported).toContain('authorization_code');
    expect(metadata.claims_supported.length).toBeGreaterThan(5);
    expect(metadata.code_challenge_methods_supported).toEqual(['S256']);
    for (const locale of metadata.ui_locales_supported) expect(new Intl.Locale(locale).language).toBe(locale);
    for (const value of Object.values(metadata)) expect(value).not.toEqual([]);
  });

  it('jwks_uri: valid keys, no private parts, unique kids', async () => {
    const { keys } = (await (await op.send(op.metadata.jwks_uri)).json()) as {
      keys: Record<string, string>[];
    };
    expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length);
    for (const key of keys)
      for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part);
    expect(keys.map((key) => key.alg)).toContain('RS256');
  });
});
