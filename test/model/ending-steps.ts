/** What the person and the operator do to end things, and to let them begin again. */
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled } from '../../src/identity/users/users.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { listKeys } from '../../src/oauth/keys/list-keys.ts';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import type { Choice } from './client-steps.ts';
import * as fates from './fates.ts';
import { type App, type Fate, type Life, pick, sessionsOf, stateOf } from './life.ts';
import { browser, type Outcome, type Place, press, type Step, urlOf } from './step.ts';

type Rest = Omit<Step, 'name' | 'text' | 'node'>;

function step(name: string, { node, app, which }: Choice, rest: Rest): Step {
  return { name, text: `app ${app}, ${which}, node ${node}`, node, ...rest };
}

/** The operator's, which ends or begins for the person. */
function ofPerson(
  name: string,
  isReady: (life: Life) => boolean,
  fate: Fate | undefined,
  act: (place: Place) => Promise<unknown>,
) {
  return (choice: Choice): Step =>
    step(name, choice, {
      topic: 'person',
      isDirect: true,
      isReady,
      async run(place) {
        await act(place);
        return { through: true, fate };
      },
    });
}

const isIn = ({ person }: Life) => person.isIn;
const disable = ({ server: { gatehouse }, life }: Place, disabled: boolean) =>
  setUserDisabled(gatehouse, life.person.sub, disabled);

export const disableUser = ofPerson('disable the user', isIn, fates.personEnds, (place) =>
  disable(place, true),
);
export const enableUser = ofPerson(
  'enable the user',
  (life) => !isIn(life),
  undefined,
  (place) => disable(place, false),
);
export const disableAndEnableUser = ofPerson(
  'disable and enable the user',
  isIn,
  fates.personEndsAndReturns,
  async (place) => {
    await disable(place, true);
    await disable(place, false);
  },
);
export const deleteUser = ofPerson(
  'delete the user',
  isIn,
  fates.personEnds,
  ({ server: { gatehouse }, life }) => removeUser(gatehouse, life.person.sub),
);
export const setUserPassword = ofPerson(
  'set-password',
  isIn,
  fates.personEnds,
  async ({ server: { gatehouse }, life }) => {
    const password = `the operator's password ${life.moment}`;
    await setPassword(gatehouse, life.person.sub, password);
    life.person.password = password;
  },
);

function ofApp(
  name: string,
  wanted: boolean,
  fateOf: (app: App) => Fate | undefined,
  act: (place: Place, client_id: string) => Promise<unknown>,
) {
  return (choice: Choice): Step =>
    step(name, choice, {
      topic: `app ${choice.app % 2}`,
      isDirect: true,
      isReady: ({ apps }) => pick(apps, choice.app)?.isIn === wanted,
      async run(place) {
        const app = pick(place.life.apps, choice.app);
        if (!app) return { through: false };
        await act(place, app.registered.client.client_id);
        return { through: true, fate: fateOf(app) };
      },
    });
}

const switchClient = ({ server: { gatehouse } }: Place, client_id: string, disabled: boolean) =>
  setClientDisabled(gatehouse, client_id, disabled);

export const disableClient = ofApp('disable the client', true, fates.appEnds, (place, id) =>
  switchClient(place, id, true),
);
export const enableClient = ofApp(
  'enable the client',
  false,
  () => undefined,
  (place, id) => switchClient(place, id, false),
);
export const disableAndEnableClient = ofApp(
  'disable and enable the client',
  true,
  fates.appEndsAndReturns,
  async (place, id) => {
    await switchClient(place, id, true);
    await switchClient(place, id, false);
  },
);
export const removeClient = ofApp('delete the client', true, fates.appEnds, ({ server: { gatehouse } }, id) =>
  deleteClient(gatehouse, id),
);

/** On a page of the account, in one of the sessions. */
function onPage(
  name: string,
  act: (place: Place, session: ReturnType<typeof sessionsOf>[number], choice: Choice) => Promise<Outcome>,
) {
  return (choice: Choice): Step =>
    step(name, choice, {
      isGuess: name === 'change the password',
      isReady: (life) => sessionsOf(life).length > 0,
      async run(place) {
        const session = pick(sessionsOf(place.life), choice.which);
        if (!session) return { through: false };
        const due = stateOf(place.life, session, place.nowMs) === 'alive';
        return { due, ...(await act(place, session, choice)) };
      },
    });
}

export const withdraw = onPage('withdraw consent', async (place, session, choice) => {
  const app = pick(place.life.apps, choice.app);
  const url = urlOf(place, '/account/apps');
  const fields = { client_id: app?.registered.client.client_id ?? '' };
  const agent = browser(place, session);
  const page = await press(agent, url, fields);
  // Where the session ended right after it, the sign-in page comes, and the sentence waits for the next.
  const isLeft = agent.cookies.get(agent.names.notice) === 'revoked';
  const through = isLeft || (page?.body.includes('The app has no access any more') ?? false);
  // An app that holds nothing is not on the page.
  const due = page === undefined ? { due: false } : {};
  return { through, ...due, ...(app && through && { fate: fates.accessRemoved(app), withdrawn: app }) };
});

export const signOutEverywhere = onPage('sign out everywhere', async (place, session) => {
  const page = await press(browser(place, session), urlOf(place, '/account/sign-out-everywhere'), {});
  const through = page?.body.includes('Signed out') ?? false;
  return { through, fate: through ? fates.sessionsEnd : undefined };
});

export const changeOwnPassword = onPage('change the password', async (place, session) => {
  const { life } = place;
  const former = life.person.password;
  const next = `the person's own password ${life.moment}`;
  const agent = browser(place, session);
  const fields = { current_password: former, new_password: next, new_password_again: next };
  const page = await press(agent, urlOf(place, '/account/password'), { ...fields, end_other_sessions: '1' });
  // Whose session ended beside it is led on to the sign-in page.
  const through = page?.body.includes('Your password was changed') ?? false;
  if (!through) return { through };
  // What the operator sets in the same moment stands.
  if (life.person.password === former) life.person.password = next;
  const dead = { ...session, sid: '', state: 'dead' as const };
  session.cookie = agent.cookies.get(agent.names.session) ?? '';
  return { through, made: [dead], fate: fates.otherSessionsEnd(session) };
});

/** By the operator; a session whose id no page told is ended by its person alone. */
export function endOneSession(choice: Choice): Step {
  const known = (life: Life) => sessionsOf(life).filter(({ sid }) => sid !== '');
  return step('end a session', choice, {
    isDirect: true,
    isReady: (life) => known(life).length > 0,
    async run({ life, server: { gatehouse } }) {
      const session = pick(known(life), choice.which);
      if (!session) return { through: false };
      await endSession(gatehouse, session.sid, undefined);
      return { through: true, fate: fates.sessionEnds(session) };
    },
  });
}

export function revokeKey(choice: Choice): Step {
  return step('revoke the signing key', choice, {
    topic: 'keys',
    isDirect: true,
    isReady: () => true,
    async run({ life, server: { gatehouse } }) {
      const signing = (await listKeys(gatehouse)).filter(
        ({ alg, state }) => alg === 'ES256' && state === 'current',
      );
      const [key] = signing;
      if (!key) throw new Error('there is no key that signs');
      await rotateKeys(gatehouse, { now: true, revoke: [key.kid] });
      life.revokedKids.add(key.kid);
      return { through: true };
    },
  });
}

export function advance(choice: Choice, milliseconds: number): Step {
  return {
    ...step('advance time', choice, {
      isAlone: true,
      isReady: () => true,
      async run({ world }) {
        world.clock.advance(milliseconds);
        return { through: true };
      },
    }),
    text: `${milliseconds / 1000} s`,
  };
}

export function makeBackup(choice: Choice): Step {
  return step('back up', choice, {
    isAlone: true,
    isReady: () => true,
    async run({ life, world }) {
      const file = await world.backups?.make();
      if (file !== undefined) life.backup = { file, password: life.person.password };
      return { through: true };
    },
  });
}

/** What was spent or ended since must not come back, so everything ends. */
export function restoreBackup(choice: Choice): Step {
  return step('restore', choice, {
    isAlone: true,
    isReady: ({ backup }) => backup !== undefined,
    async run({ life, world }) {
      if (!life.backup) return { through: false };
      await world.backups?.restore(life.backup.file);
      life.person.password = life.backup.password;
      // An access token tells its second, and one of the restore's own second is not believed.
      world.clock.advance(1000);
      return { through: true, fate: fates.personEnds };
    },
  });
}
