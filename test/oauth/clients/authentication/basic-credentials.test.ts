/** The Authorization header of a client. RFC 6749 §2.3.1, RFC 7617 §2 */
import { describe, expect, it } from 'vitest';
import { parseAuthorization } from '../../../../src/oauth/authorization-header.ts';
import { parseBasic } from '../../../../src/oauth/clients/authentication/basic-credentials.ts';
import { OAuthError } from '../../../../src/oauth/errors.ts';

const credentialsOf = (header: string | undefined) => parseBasic(parseAuthorization(header));

const basic = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Basic credentials', () => {
  it.each([
    ['app:secret', 'app', ['secret']],
    ['app:', 'app', ['']],
    [':secret', '', ['secret']],
    ['app:a:b', 'app', ['a:b']],
    ['my%20app:se%2Bcret', 'my app', ['se+cret', 'se%2Bcret']],
    ['my+app:se+cret', 'my app', ['se cret', 'se+cret']],
    ['%3A:%3a', ':', [':', '%3a']],
    ['app:100%', 'app', ['100%']],
    ['app:%zz+', 'app', ['%zz+']],
    ['ü:ü', 'ü', ['ü']],
  ])('Q4 %j name a client and what its secret may be', (text, client_id, secrets) => {
    expect(credentialsOf(basic(text))).toEqual({ client_id, secrets });
  });

  it('Q4 are recognised by their scheme in any letter case, and by no other', () => {
    const credentials = Buffer.from('app:secret').toString('base64');
    for (const scheme of ['Basic', 'basic', 'BASIC'])
      expect(credentialsOf(`${scheme} ${credentials}`)).toMatchObject({ client_id: 'app' });
    for (const header of [undefined, '', `Bearer ${credentials}`, `Basicx ${credentials}`, credentials])
      expect(credentialsOf(header), header).toBeUndefined();
  });

  it.each([
    ['nothing', 'Basic'],
    ['nothing but blanks', 'Basic   '],
    ['two words', `${basic('app:secret')} x`],
    ['a comma', `${basic('app:secret')},x`],
    ['no base64', 'Basic a*b'],
    ['base64url', 'Basic YTo_-Zg'],
    ['too much padding', 'Basic YTpi==='],
    ['padding within', 'Basic YT=pi'],
    ['no colon', basic('app')],
    ['a NUL', basic('a\u0000pp:secret')],
    ['a line', basic('app:sec\r\nret')],
    ['a DEL', basic('app\u007f:secret')],
    ['a control character of ISO 8859-1', basic('app\u0085:secret')],
    ['no UTF-8', basic(Buffer.from([0x61, 0x3a, 0xff]))],
    ['a replacement character', basic('app:\ufffd')],
    ['a client_id that cannot be decoded', basic('%zz:secret')],
  ])('A049 with %s are malformed', (_what, header) => {
    expect(credentialsOf(header)).toBe('malformed');
  });

  it('A049 hold a secret of 1024 characters, and none that is longer', () => {
    expect(credentialsOf(basic(`app:${'x'.repeat(1024)}`))).toMatchObject({ client_id: 'app' });
    expect(() => credentialsOf(basic(`app:${'x'.repeat(1025)}`))).toThrow(OAuthError);
  });
});
