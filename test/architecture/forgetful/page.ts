/** A page that forgets to say who may open it, or to ask whose form it takes, beside one that does not. Compiled by ../forgetful.test.ts. */

import { fromAnywhere, ofOwnForm } from '../../../src/http/pages/accept-own-form-or-any-post.ts';
import {
  NOT_LINKED,
  NOTHING_MORE,
  signedInPage,
} from '../../../src/http/pages/account/make-signed-in-page.ts';
import type { Page, PageRow } from '../../../src/http/pages/page.ts';
import { seeOther } from '../../../src/http/pages/redirect.ts';
import { openToEverybody, pageOfInteraction } from '../../../src/http/pages/who-may-open-page.ts';
import { sourceOf } from '../../../src/http/request-source.ts';
import { endOwnSession, endSessionIn } from '../../../src/identity/sessions/end-sessions.ts';

const shape = {
  path: '/toy',
  show: async (_tools, _request, reply) => reply,
} satisfies PageRow;

export const careful: Page = openToEverybody({
  ...shape,
  submit: ofOwnForm({
    purpose: () => 'toy',
    submit: async ({ tools, reply }) => seeOther(tools, reply, '/'),
  }),
});

export const needsNone: Page = openToEverybody({
  ...shape,
  submit: fromAnywhere(async (_tools, _request, reply) => reply),
});

export const ofInteraction: Page = pageOfInteraction({
  ...shape,
  form: { purpose: () => 'toy', submit: async ({ reply }) => reply },
});

// refused: TS2739
export const doesNotSayToWhom: Page = { ...shape };

// refused: TS2741
export const saysItByAWord: Page = { ...shape, openTo: 'session' };

export const takesEverybodys: Page = openToEverybody({
  ...shape,
  // refused: TS2322
  submit: async (tools, _request, reply) => seeOther(tools, reply, '/'),
});

export const takesAppsForms: Page = pageOfInteraction({
  ...shape,
  // refused: TS2353
  submit: fromAnywhere(async (_tools, _request, reply) => reply),
});

export const forWhatItWasShown: Page = openToEverybody({
  ...shape,
  // refused: TS2741
  submit: ofOwnForm({ submit: async ({ reply }) => reply }),
});

export const forgetsTheAnswer: Page = openToEverybody({
  ...shape,
  // refused: TS2322
  submit: ofOwnForm({ purpose: () => 'toy', submit: async () => {} }),
});

const own = { linkedAs: NOT_LINKED, show: async () => ({}) as never } as const;

export const signedIn: Page = signedInPage('/account/toy', {
  ...own,
  notices: ['toyed'],
  needs: { maxAgeSeconds: 60 },
  needsForSubmit: { acr: ['urn:example:acr:toy'] },
  submit: async ({ backWith }) => backWith('toyed'),
});

export const showsNoSuchNotice: Page = signedInPage('/account/toy', {
  ...own,
  needsForSubmit: NOTHING_MORE,
  notices: ['toyed'],
  // refused: TS2345
  submit: async ({ backWith }) => backWith('revoked'),
});

export const hasNoNotice: Page = signedInPage('/account/toy', {
  ...own,
  needsForSubmit: NOTHING_MORE,
  // refused: TS2345
  submit: async ({ backWith }) => backWith('revoked'),
});

export const doesNotSayWhatItNeeds: Page = signedInPage('/account/toy', {
  ...own,
  // refused: TS2322
  needs: {},
});

export const needsNoAcr: Page = signedInPage('/account/toy', {
  ...own,
  // refused: TS2322
  needsForSubmit: { acr: [] },
  submit: async ({ leave }) => leave(),
});

export const endsOneOfTheUser: Page = signedInPage('/account/toy', {
  ...own,
  needsForSubmit: NOTHING_MORE,
  async submit({ tools, request, session, fields, leave }) {
    await endOwnSession(tools, session, fields.sid ?? '', sourceOf(tools, request));
    return leave();
  },
});

export const endsWhoseverTheFormNames: Page = signedInPage('/account/toy', {
  ...own,
  needsForSubmit: NOTHING_MORE,
  async submit({ tools, request, fields, leave }) {
    const source = sourceOf(tools, request);
    const { sid = '', sub = '' } = fields;
    // refused: TS2740
    await tools.db.write((tx) => endSessionIn(tools, tx, { sid, sub }, { source }));
    return leave();
  },
});

// refused: TS2345
export const doesNotSayWhatItsFormNeeds: Page = signedInPage('/account/toy', {
  ...own,
  submit: own.show,
});

// refused: TS2345
export const doesNotSayWhetherItIsLinked: Page = signedInPage('/account/toy', { show: own.show });
