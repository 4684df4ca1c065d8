import { describe, expect, test } from 'vitest';
import { clientAddress } from '../../src/http/client-address.ts';
import { parseRange } from '../../src/lib/ip-address-checks.ts';

const trusted = [parseRange('10.0.0.0/8'), parseRange('::1')];

describe('the client address', () => {
  test('G13 X-Forwarded-For is read only from a trusted proxy', () => {
    expect(clientAddress('203.0.113.7', '198.51.100.1', trusted)).toBe('203.0.113.7');
    expect(clientAddress('10.1.2.3', '198.51.100.1', [])).toBe('10.1.2.3');
  });

  test("G13 the right-most address that is not a trusted proxy's is the client's", () => {
    expect(clientAddress('10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', trusted)).toBe('198.51.100.1');
    expect(clientAddress('::ffff:10.1.2.3', ['1.1.1.1', '198.51.100.1'], trusted)).toBe('198.51.100.1');
    expect(clientAddress('::1', '2001:db8::5', trusted)).toBe('2001:db8::5');
  });

  test.each(['::ffff:10.1.2.3', '::ffff:10.0.0.0/104', '::ffff:a01:203'])(
    'G13 a proxy may be written as a socket on [::] shows it: %s',
    (range) => {
      expect(clientAddress('::ffff:10.1.2.3', '198.51.100.1', [parseRange(range)])).toBe('198.51.100.1');
      expect(clientAddress('10.1.2.3', '198.51.100.1', [parseRange(range)])).toBe('198.51.100.1');
      expect(clientAddress('11.1.2.3', '198.51.100.1', [parseRange(range)])).toBe('11.1.2.3');
    },
  );

  test('A068 what a client writes to the left of its own address changes nothing', () => {
    const spoofs = ['', 'unknown', '999.1.1.1', '"[::1]"', 'x'.repeat(9000), '10.0.0.1', '1.1.1.1,,,'];
    for (const spoof of spoofs) {
      expect(clientAddress('10.1.2.3', `${spoof}, 198.51.100.1`, trusted)).toBe('198.51.100.1');
    }
  });

  test("A068 if the header holds no address, the proxy's is used, and textual variants are one address", () => {
    for (const garbage of ['', 'unknown', '198.51.100.1:x', '[198.51.100.1', '<script>', '10.0.0.9']) {
      expect(clientAddress('10.1.2.3', garbage, trusted)).toBe('10.1.2.3');
    }
    expect(clientAddress('10.1.2.3', '2001:DB8:0:0::5', trusted)).toBe('2001:db8::5');
    expect(clientAddress('10.1.2.3', '::ffff:198.51.100.1', trusted)).toBe('198.51.100.1');
  });

  test.each([
    ['198.51.100.1:51234', '198.51.100.1'],
    ['[2001:db8::5]:443', '2001:db8::5'],
    ['[2001:db8::5]', '2001:db8::5'],
    ['"[2001:db8::5]:443"', '2001:db8::5'],
    ['1.1.1.1, 198.51.100.1:80, 10.9.9.9:443', '198.51.100.1'],
  ])('G13 a proxy may write the port too: %s', (forwardedFor, address) => {
    expect(clientAddress('10.1.2.3', forwardedFor, trusted)).toBe(address);
  });
});
