/** PHC strings are interchangeable: another library reads what Gatehouse stored, and the other way round (decision 0018). */
import argon2 from 'argon2';
import { afterAll, describe, expect, it } from 'vitest';
import { argonHere } from '../../../src/identity/passwords/argon.ts';

afterAll(() => argonHere.close());

const passwords = ['correct horse battery staple', 'pässwörd 密码 🔑', ' ', 'x'.repeat(4096), 'a\u0000b'];

describe('the hashes of @node-rs/argon2 and of argon2', () => {
  it.each(passwords)('each reads those of the other, and refuses another password', async (password) => {
    const ours = await argonHere.hash(password);
    const theirs = await argon2.hash(password, { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 });
    expect(await argon2.verify(ours, password)).toBe(true);
    expect(await argonHere.verify(theirs, password)).toBe(true);
    expect(await argon2.verify(ours, `${password}.`)).toBe(false);
    expect(await argonHere.verify(theirs, `${password}.`)).toBe(false);
    expect(ours).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('ours verifies a hash with other parameters, as another server may have made it', async () => {
    const theirs = await argon2.hash('password', { memoryCost: 8192, timeCost: 3, parallelism: 2 });
    expect(await argonHere.verify(theirs, 'password')).toBe(true);
    expect(await argonHere.verify(theirs, 'Password')).toBe(false);
  });

  it('each hash has its own salt', async () => {
    expect(await argonHere.hash('password')).not.toBe(await argonHere.hash('password'));
  });
});
