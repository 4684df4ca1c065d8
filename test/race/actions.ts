/** What may be under way while its parent ends. */
import { type Answer, type Authorized, post, redeem, refresh } from '../support/flow.ts';
import { PASSWORD } from '../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';
import { type AppName, browserOf, codeOf, newSession, type Scene, startAuthorization } from './scene.ts';

export const OWN_NEW_PASSWORD = 'what the person chose for themselves';

/** What one action left behind. */
export interface Product {
  readonly status: number;
  readonly app: AppName;
  readonly code?: Authorized | undefined;
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
  /** Of a session. */
  readonly cookie?: string | undefined;
}

export interface Action {
  readonly name: string;
  /** How many writes it makes one after another: at each of them it can be held. */
  readonly writes: number;
  /** Whether something is left behind that lives, where nothing ends. */
  readonly leaves: boolean;
  /** Whether codes or tokens come of it. */
  readonly yieldsTokens: boolean;
  /** Gets ready; what it gives begins. */
  prepare(scene: Scene): Promise<() => Promise<Product>>;
}

const OFFLINE = { scope: 'openid offline_access' };
const SILENT = { prompt: 'none' };

function silently(app: AppName, more: Record<string, string>): Action['prepare'] {
  return async (scene) => async () => {
    const started = await startAuthorization(scene, app, { ...SILENT, ...more });
    return { status: started.page.status, app, code: codeOf(started) };
  };
}

async function newCode(scene: Scene): Promise<Authorized> {
  const code = codeOf(await startAuthorization(scene, 'app', SILENT));
  if (!code) throw new Error('no code');
  return code;
}

function tokensOf({ status, body }: Answer): Product {
  return { status, app: 'app', access_token: body.access_token, refresh_token: body.refresh_token };
}

/** Presses a button on one of the account's pages. */
function onAccount(path: string, fieldsOf: (scene: Scene) => Promise<Record<string, string>>) {
  return async (scene: Scene): Promise<() => Promise<Page & { agent: UserAgent }>> => {
    const agent = browserOf(scene);
    const fields = await fieldsOf(scene);
    const shown = await agent.open(`${scene.server.issuer}${path}`);
    return async () => ({ ...(await agent.submit(shown, fields)), agent });
  };
}

function accountAction(
  name: string,
  path: string,
  fieldsOf: (scene: Scene) => Promise<Record<string, string>>,
) {
  const prepare = onAccount(path, fieldsOf);
  return {
    name,
    writes: 1,
    leaves: false,
    yieldsTokens: false,
    async prepare(scene: Scene) {
      const press = await prepare(scene);
      return async () => ({ status: (await press()).status, app: 'app' as const });
    },
  };
}

const cookieOf = (agent: UserAgent) => agent.cookies.get(agent.names.session);

/** What outlives a session, and needs no consent. */
export const silentOffline: Action = {
  name: "a silent authorization of the operator's own app with offline_access",
  writes: 1,
  leaves: true,
  yieldsTokens: true,
  prepare: silently('ownApp', OFFLINE),
};

export const actions: readonly Action[] = [
  {
    name: 'a silent authorization',
    writes: 1,
    leaves: true,
    yieldsTokens: true,
    prepare: silently('app', {}),
  },
  silentOffline,
  {
    name: 'Allow on the consent page',
    writes: 2,
    leaves: true,
    yieldsTokens: true,
    async prepare(scene) {
      const started = await startAuthorization(scene, 'app', { prompt: 'consent', ...OFFLINE });
      return async () => {
        const page = await started.agent.submit(started.page, { decision: 'allow' });
        return { status: page.status, app: 'app', code: codeOf({ ...started, page }) };
      };
    },
  },
  {
    name: 'a code redemption',
    writes: 1,
    leaves: true,
    yieldsTokens: true,
    async prepare(scene) {
      const code = await newCode(scene);
      return async () => tokensOf(await redeem(scene.server, scene.app, code));
    },
  },
  {
    name: 'a refresh',
    writes: 1,
    leaves: true,
    yieldsTokens: true,
    async prepare(scene) {
      const { body } = await redeem(scene.server, scene.app, await newCode(scene));
      return async () => tokensOf(await refresh(scene.server, scene.app, body.refresh_token));
    },
  },
  {
    name: 'a token revocation',
    writes: 1,
    leaves: false,
    yieldsTokens: false,
    async prepare(scene) {
      const { body } = await redeem(scene.server, scene.app, await newCode(scene));
      return async () => {
        const { status } = await post(scene.server, '/revoke', { token: body.refresh_token }, scene.app);
        return { status, app: 'app' };
      };
    },
  },
  {
    name: 'a sign-in',
    writes: 2,
    leaves: true,
    yieldsTokens: false,
    async prepare({ server, user }) {
      const agent = createUserAgent(server.issuer);
      const page = await agent.open(`${server.issuer}/login`);
      return async () => {
        const { status } = await agent.submit(page, { username: user.username, password: PASSWORD });
        return { status, app: 'app', cookie: cookieOf(agent) };
      };
    },
  },
  {
    name: 'a password change',
    writes: 2,
    leaves: true,
    yieldsTokens: false,
    async prepare(scene) {
      const press = await onAccount('/account/password', async () => ({
        current_password: PASSWORD,
        new_password: OWN_NEW_PASSWORD,
        new_password_again: OWN_NEW_PASSWORD,
      }))(scene);
      return async () => {
        const { status, agent } = await press();
        return { status, app: 'app', cookie: cookieOf(agent) };
      };
    },
  },
  accountAction('a sign-out everywhere', '/account/sign-out-everywhere', async () => ({})),
  accountAction('a removal of access', '/account/apps', async ({ app }) => ({
    client_id: app.client.client_id,
  })),
  accountAction('the end of one session', '/account/sessions', async ({ server, user }) => ({
    sid: (await newSession(server, user.sub)).session.sid,
  })),
];
