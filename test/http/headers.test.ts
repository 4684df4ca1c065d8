import { expect, it } from 'vitest';
import { framesPolicy } from '../../src/http/headers.ts';

const sourcesOf = (frames: string[]) => /frame-src ([^;]*)$/.exec(framesPolicy(frames))?.[1];

it('A106 a host that would end the directive is left out, and the other apps keep their frames', () => {
  const bad = ['https://e,frame-src/f', 'https://e;sandbox/f', "https://e'/f", 'com.app:/f'];
  expect(sourcesOf([...bad, 'https://app.test:8443/out', 'https://app.test:8443/two'])).toBe(
    'https://app.test:8443',
  );
  expect(sourcesOf(bad)).toBe("'none'");
});
