import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { acceptCookies, cookieNames, createCookies } from '../../src/http/cookies.ts';

const https = createCookies({ issuer: 'https://id.example.com', session_absolute_seconds: 3600 });
const http = createCookies({ issuer: 'http://localhost', session_absolute_seconds: 3600 });

function requestWith(cookie: string | undefined): FastifyRequest {
  return { headers: { cookie } } as FastifyRequest;
}

async function setCookies(act: (reply: FastifyReply) => void): Promise<string[]> {
  const app = Fastify();
  acceptCookies(app);
  app.get('/', async (_request, reply) => {
    act(reply);
    return '';
  });
  const { headers } = await app.inject('/');
  return [headers['set-cookie'] ?? []].flat();
}

describe('cookies', () => {
  test('L10 __Host-, Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain where the issuer is https', async () => {
    const lines = await setCookies((reply) => {
      for (const name of ['session', 'browser', 'device'] as const) https.set(reply, name, 'value');
      https.clear(reply, 'notice');
    });
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(/^__Host-gatehouse_(session|browser|device|notice)=/);
      for (const part of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'])
        expect(line.split('; ')).toContain(part);
      expect(line).not.toMatch(/domain/i);
      expect(line.length).toBeLessThan(4096);
    }
    expect(lines[3]).toContain('Max-Age=0');
  });

  test('L10 plain names in development, still HttpOnly and SameSite=Lax', async () => {
    const [line = ''] = await setCookies((reply) => http.set(reply, 'session', 'value'));
    expect(line).toMatch(/^gatehouse_session=value; .*HttpOnly.*SameSite=Lax/);
    expect(line).not.toContain('Secure');
  });

  test('L10 a value is written so that it stays one, and an attribute cannot be put in by it', async () => {
    const lines = await setCookies((reply) => http.set(reply, 'notice', 'a b;c=d, "e" ü'));
    expect(lines).toEqual([
      'gatehouse_notice=a%20b%3Bc%3Dd%2C%20%22e%22%20%C3%BC; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });

  test('a cookie that is set and then cleared in one answer is sent only as cleared', async () => {
    const lines = await setCookies((reply) => {
      http.set(reply, 'session', 'value');
      http.clear(reply, 'session');
    });
    expect(lines).toEqual(['gatehouse_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
  });

  test('L10 a cookie without the prefix is not read where the issuer is https', () => {
    expect(https.read(requestWith('gatehouse_session=planted'), 'session')).toBeUndefined();
    expect(https.read(requestWith('__Host-gatehouse_session=own'), 'session')).toBe('own');
  });

  test.each([
    'gatehouse_session=a; gatehouse_session=b',
    'gatehouse_session=a; gatehouse_session=a',
    'gatehouse_session =a; gatehouse_session=b',
    ' gatehouse_session=a;\tgatehouse_session=b',
  ])('A074 two cookies of one name are ignored: %s', (header) => {
    expect(http.read(requestWith(header), 'session')).toBeUndefined();
  });

  // A browser lets a host beside ours set it: to the browser it is no cookie with the prefix.
  test('L10 A074 a cookie whose name only looks like ours does not affect ours', () => {
    for (const mark of ['\u00a0', '\u0085', '\u00c2\u00a0'])
      for (const header of [
        `__Host-gatehouse_session=own; ${mark}__Host-gatehouse_session=planted`,
        `${mark}__Host-gatehouse_session=planted; __Host-gatehouse_session=own`,
      ])
        expect(https.read(requestWith(header), 'session')).toBe('own');
  });

  test('A074 an absent, empty or oversized value and unknown names read as undefined', () => {
    const headers = [
      undefined,
      '',
      'gatehouse_session=',
      '__proto__=x',
      `gatehouse_session=${'a'.repeat(513)}`,
    ];
    for (const header of headers) expect(http.read(requestWith(header), 'session')).toBeUndefined();
    expect(
      http.read(requestWith(`__proto__=x; gatehouse_session=${'a'.repeat(512)}`), 'session'),
    ).toHaveLength(512);
  });

  test('L10 an issuer that may share its host has its own cookie names; one at the root of its host needs none', () => {
    const issuers = ['', ':8443', '/tenant', '/other', ':8443/tenant'].map(
      (rest) => `https://id.example.com${rest}`,
    );
    const all = issuers.flatMap((issuer) => Object.values(cookieNames(issuer)));
    expect(new Set(all).size).toBe(all.length);
    expect(cookieNames('https://id.example.com').session).toBe('__Host-gatehouse_session');
    for (const name of all) expect(name).toMatch(/^__Host-gatehouse_[a-z]+(_[\w-]{8})?$/);
  });
});
