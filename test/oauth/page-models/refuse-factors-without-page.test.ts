/** A server does not start where a factor would lead its people nowhere. */
import { expect, it } from 'vitest';
import { pages } from '../../../src/http/pages/index.ts';
import { refuseFactorsWithoutPage } from '../../../src/oauth/page-models/refuse-factors-without-page.ts';

const paths = pages.map(({ path }) => path);
const code = (step: string) => [{ name: 'code', step }];

it('each factor that there is leads to its page', () => {
  expect(() => refuseFactorsWithoutPage(paths)).not.toThrow();
  expect(() => refuseFactorsWithoutPage(paths, [])).not.toThrow();
});

it('one whose step is not in the table, or has another page, is refused by its name', () => {
  expect(() => refuseFactorsWithoutPage([...paths, '/code'], code('code'))).toThrow(
    /factor code names the step code: there is no step of that name/,
  );
  expect(() => refuseFactorsWithoutPage(paths, code(''))).toThrow('there is no step');
});

it('one whose step has no page is refused, also beside one that has', () => {
  expect(() => refuseFactorsWithoutPage([], code('login'))).toThrow('there is no page /login');
  expect(() => refuseFactorsWithoutPage(['/login/', 'login'], code('login'))).toThrow(
    'there is no page /login',
  );
  const both = [...code('login'), { name: 'other', step: 'other' }];
  expect(() => refuseFactorsWithoutPage(paths, both)).toThrow('the factor other');
});
