import { expect, it } from 'vitest';
import { framesPolicy } from '../../src/http/content-security-policy.ts';
import { commonHeaders } from '../../src/http/response-headers.ts';

const sourcesOf = (frames: string[]) => /frame-src ([^;]*)$/.exec(framesPolicy(frames))?.[1];

it('A106 a host that would end the directive is left out, and the other apps keep their frames', () => {
  const bad = ['https://e,frame-src/f', 'https://e;sandbox/f', "https://e'/f", 'com.app:/f'];
  expect(sourcesOf([...bad, 'https://app.test:8443/out', 'https://app.test:8443/two'])).toBe(
    'https://app.test:8443',
  );
  expect(sourcesOf(bad)).toBe("'none'");
});

// RFC 6797 §8.3: it holds for every port of the host, and an app of the same box may be registered with http.
it.each([
  ['https://id.example.com', true],
  ['https://localhost:8443', true],
  ['http://localhost:4000', false],
  ['https://nas:4000', false],
  ['https://nas.lan:4000/id', false],
  ['https://id.corp.internal', false],
])('HSTS for the issuer %s: %s', (issuer, expected) => {
  expect('strict-transport-security' in commonHeaders({ issuer })).toBe(expected);
});
