/** What ends a parent of codes, tokens and sessions, as the operator or the person does it. */
import { decodeProtectedHeader } from 'jose';
import { endSessionsOfUser } from '../../src/identity/sessions/end-sessions.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled } from '../../src/identity/users/users.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { listKeys } from '../../src/oauth/keys/list-keys.ts';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { withdrawConsent } from '../../src/oauth/page-models/authorized-apps.ts';
import { findConsent } from '../../src/storage/tables/consents.ts';
import type { Scene } from './scene.ts';
import type { Survivor } from './survivors.ts';

export const OPERATORS_PASSWORD = 'what the operator set afterwards';

export interface Ending {
  readonly name: string;
  /** Whether nothing but tokens can hang on it. */
  readonly isAboutTokens?: boolean;
  run(scene: Scene): Promise<unknown>;
  /** When all is answered: what was ended must not come back with it. */
  afterwards?(scene: Scene): Promise<unknown>;
  /** Whether it may live all the same; in a storm what is seen may be from before, and of a session that lived. */
  mayLive(scene: Scene, survivor: Survivor, isStorm: boolean): Promise<boolean>;
}

const nothing = async () => false;
const sessions = async (_scene: Scene, { kind }: Survivor) => kind === 'session';

const source = { address: '127.0.0.1', userAgent: 'a browser', requestId: 'race' };

const disable = ({ server: { gatehouse }, user }: Scene) => setUserDisabled(gatehouse, user.sub, true);
const enable = ({ server: { gatehouse }, user }: Scene) => setUserDisabled(gatehouse, user.sub, false);

async function switchClients(
  { server: { gatehouse }, app, ownApp }: Scene,
  disabled: boolean,
): Promise<void> {
  for (const { client } of [app, ownApp]) await setClientDisabled(gatehouse, client.client_id, disabled);
}

async function deleteClients({ server: { gatehouse }, app, ownApp }: Scene): Promise<void> {
  for (const { client } of [app, ownApp]) await deleteClient(gatehouse, client.client_id);
}

async function withdraw({ server: { gatehouse }, app, session: { session } }: Scene): Promise<void> {
  await withdrawConsent(gatehouse, session, app.client.client_id, source);
}

/** An app of the operator's own needs no consent; a consent that was given afterwards is another. */
async function withConsent({ server, user, app }: Scene, survivor: Survivor): Promise<boolean> {
  if (survivor.kind === 'session' || survivor.app === 'ownApp') return true;
  return (await findConsent(server.gatehouse.db, user.sub, app.client.client_id)) !== undefined;
}

/** The keys that sign are known by what they sign. */
const revoked = new WeakMap<Scene, Set<string>>();

async function revokeSigningKeys(scene: Scene): Promise<void> {
  const { gatehouse } = scene.server;
  const current = (await listKeys(gatehouse)).filter(
    ({ alg, state }) => alg === 'ES256' && state === 'current',
  );
  for (const { kid } of current) await rotateKeys(gatehouse, { now: true, revoke: [kid] });
  revoked.set(scene, new Set(current.map(({ kid }) => kid)));
}

async function unlessSignedByRevoked(scene: Scene, survivor: Survivor): Promise<boolean> {
  if (survivor.kind !== 'access token') return true;
  return !revoked.get(scene)?.has(decodeProtectedHeader(survivor.value).kid ?? '');
}

export const endings: readonly Ending[] = [
  { name: 'user disable', run: disable, afterwards: enable, mayLive: nothing },
  {
    name: 'user disable and enable',
    async run(scene) {
      await disable(scene);
      await enable(scene);
    },
    // Who signs in again is let in: that is what enabling is for.
    mayLive: async (_scene, { kind, action }) => kind === 'session' && action === 'a sign-in',
  },
  {
    name: 'user set-password',
    run: ({ server: { gatehouse }, user }) => setPassword(gatehouse, user.sub, OPERATORS_PASSWORD),
    mayLive: nothing,
  },
  {
    name: 'user delete',
    run: ({ server: { gatehouse }, user }) => removeUser(gatehouse, user.sub),
    mayLive: nothing,
  },
  { name: 'consent withdrawn', run: withdraw, mayLive: withConsent },
  {
    name: 'sessions ended',
    run: ({ server: { gatehouse }, user }) =>
      gatehouse.db.write((tx) => endSessionsOfUser(gatehouse, tx, user.sub, '', undefined)),
    // A sign-in that comes after is a session of its own, and offline_access outlives what it was begun in.
    mayLive: async (_scene, { kind, app, action }, isStorm) =>
      (kind === 'session' && action === 'a sign-in') ||
      (isStorm && (app === 'ownApp' || action === 'Allow on the consent page')),
  },
  {
    name: 'client disable',
    run: (scene) => switchClients(scene, true),
    afterwards: (scene) => switchClients(scene, false),
    mayLive: sessions,
  },
  {
    name: 'client disable and enable',
    async run(scene) {
      await switchClients(scene, true);
      await switchClients(scene, false);
    },
    // What is authorized once more afterwards is so with all that stands then.
    mayLive: async (_scene, { kind, action }) =>
      kind === 'session' || !['a code redemption', 'a refresh'].includes(action),
  },
  { name: 'client delete', run: deleteClients, mayLive: sessions },
  {
    name: 'keys rotate --now --revoke',
    isAboutTokens: true,
    run: revokeSigningKeys,
    mayLive: unlessSignedByRevoked,
  },
];
