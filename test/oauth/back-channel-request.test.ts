import { expect, it } from 'vitest';
import { headerOf } from '../../src/oauth/back-channel-request.ts';
import { backChannelRequest } from '../support/back-channel.ts';

it('a header is read by its name in lower case, as it was sent', () => {
  const request = backChannelRequest({ headers: { authorization: ' Basic  x ', dpop: '' } });
  expect(headerOf(request, 'authorization')).toBe(' Basic  x ');
  expect(headerOf(request, 'dpop')).toBe('');
  expect(headerOf(request, 'Authorization')).toBeUndefined();
  expect(headerOf(request, 'x-other')).toBeUndefined();
});

it('a header that is a list is none: nobody picks one of two', () => {
  const request = backChannelRequest({
    headers: { 'set-cookie': ['a', 'b'], dpop: ['a'], cookie: undefined },
  });
  for (const name of ['set-cookie', 'dpop', 'cookie']) expect(headerOf(request, name), name).toBeUndefined();
});
