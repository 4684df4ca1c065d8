/** What a registered URI must not have in its query. RFC 6749 §4.1.2, RFC 9207 §2, Front-Channel Logout §2 */
import { describe, expect, it } from 'vitest';
import { findAnswerMember, findLogoutMember } from '../../src/oauth/reserved-query-members.ts';

const OF_ANSWERS = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'response',
  'session_state',
  'id_token',
  'access_token',
];

describe('a member of an answer in the query', () => {
  it.each(OF_ANSWERS)('%s is found in every position', (name) => {
    for (const query of [name, `${name}=`, `${name}=x`, `a=b&${name}=x`, `a=b;${name}=x`, `a&&${name}`])
      expect(findAnswerMember(`https://app.example/cb?${query}`), query).toBe(name);
  });

  it.each([
    ['CODE=x', 'code'],
    ['%63ode=x', 'code'],
    ['code[]=x', 'code'],
    ['code[a]=x', 'code'],
    ['[code]=x', 'code'],
    [']code=x', 'code'],
    ['[[code]]=x', 'code'],
    ['code%00x=y', 'code'],
    ['+code=x', 'code'],
    ['code%20=x', 'code'],
    ['error.description=x', 'error_description'],
    ['id%20token=x', 'id_token'],
    ['session.state[]=x', 'session_state'],
  ])('%s is found as the most forgiving framework reads it', (query, name) => {
    expect(findAnswerMember(`https://app.example/cb?${query}`)).toBe(name);
  });

  it.each([
    '',
    '?',
    '?a=b',
    '?codes=x',
    '?xcode=x',
    '?a=code',
    '?code-x',
    '?err',
    '?a[code]=x',
    '/code?tokens=state',
  ])('there is none in %j', (rest) => {
    expect(findAnswerMember(`https://app.example/cb${rest}`)).toBeUndefined();
  });

  it('is found behind a fragment too, where some put a query, and nowhere without a query', () => {
    expect(findAnswerMember('https://app.example/cb?a=b#?x&code=x')).toBe('code');
    expect(findAnswerMember('https://app.example/cb?a=b#code=x')).toBe('code');
    expect(findAnswerMember('https://app.example/cb#code=x')).toBeUndefined();
    expect(findAnswerMember('https://app.example/code=x')).toBeUndefined();
  });
});

describe('a page that is notified of a sign-out', () => {
  it('has neither iss nor sid of its own, and may have the others', () => {
    expect(findLogoutMember('https://app.example/out?iss=x')).toBe('iss');
    expect(findLogoutMember('https://app.example/out?a=b&SID[]=x')).toBe('sid');
    expect(findLogoutMember('https://app.example/out?code=x&state=y')).toBeUndefined();
  });
});
