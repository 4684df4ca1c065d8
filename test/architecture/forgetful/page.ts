/** A page that forgets to ask whose form it takes, beside one that does not. Compiled by ../forgetful.test.ts. */

import { fromAnywhere, ofOwnForm } from '../../../src/http/pages/accepted-posts.ts';
import type { Page } from '../../../src/http/pages/page.ts';
import { seeOther } from '../../../src/http/pages/redirect.ts';

const shape = {
  path: '/toy',
  show: async (_tools, _request, reply) => reply,
} satisfies Page;

export const careful: Page = {
  ...shape,
  submit: ofOwnForm({
    purpose: () => 'toy',
    submit: async ({ tools, reply }) => seeOther(tools, reply, '/'),
  }),
};

export const needsNone: Page = { ...shape, submit: fromAnywhere(async (_tools, _request, reply) => reply) };

export const takesEverybodys: Page = {
  ...shape,
  // refused: TS2322
  submit: async (tools, _request, reply) => seeOther(tools, reply, '/'),
};

export const forWhatItWasShown: Page = {
  ...shape,
  // refused: TS2741
  submit: ofOwnForm({ submit: async ({ reply }) => reply }),
};

export const forgetsTheAnswer: Page = {
  ...shape,
  // refused: TS2322
  submit: ofOwnForm({ purpose: () => 'toy', submit: async () => {} }),
};
