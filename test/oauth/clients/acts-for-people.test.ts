import { expect, it } from 'vitest';
import { isForPeople } from '../../../src/oauth/clients/acts-for-people.ts';
import { operatorsRules } from './client-value.ts';

const isOf = (...grant_types: string[]) => isForPeople(grant_types, operatorsRules);

it('a client that may use a grant of a person acts for people', () => {
  expect(isOf('authorization_code')).toBe(true);
  expect(isOf('client_credentials', 'authorization_code')).toBe(true);
});

it('RFC 6749 §1.5 a refresh token alone goes on with nothing, and client_credentials is the client itself', () => {
  expect(isOf('client_credentials')).toBe(false);
  expect(isOf('refresh_token')).toBe(false);
  expect(isOf('client_credentials', 'refresh_token')).toBe(false);
  expect(isOf('Authorization_Code', 'unknown')).toBe(false);
  expect(isOf()).toBe(false);
});
