/** The one question: what lives of all that was made? Asked as a client and a browser ask it. */
import { post, redeem, refresh, userinfo } from '../support/flow.ts';
import type { Product } from './actions.ts';
import { type AppName, browserOf, type Scene } from './scene.ts';

export interface Survivor {
  readonly kind: 'code' | 'access token' | 'refresh token' | 'session';
  readonly app: AppName;
  /** Of which action. */
  readonly action: string;
  readonly value: string;
}

export async function findSurvivors(
  scene: Scene,
  action: string,
  products: readonly Product[],
): Promise<Survivor[]> {
  const found = await Promise.all(products.map((product) => survivorsOf(scene, action, product)));
  return found.flat();
}

async function survivorsOf(scene: Scene, action: string, product: Product): Promise<Survivor[]> {
  const { app, code, cookie } = product;
  const as = (kind: Survivor['kind'], value: string) => ({ kind, app, action, value });
  const found: Survivor[] = [];
  if (cookie !== undefined && (await isSession(scene, cookie))) found.push(as('session', cookie));
  const redeemed = code && (await redeem(scene.server, scene[app], code));
  if (redeemed?.status === 200) found.push(as('code', code?.code ?? ''));
  const { access_token, refresh_token }: Partial<Product> = redeemed?.body ?? product;
  if (access_token !== undefined && (await isAccess(scene, app, access_token)))
    found.push(as('access token', access_token));
  if (refresh_token !== undefined && (await isRefresh(scene, app, refresh_token)))
    found.push(as('refresh token', refresh_token));
  return found;
}

async function isSession(scene: Scene, cookie: string): Promise<boolean> {
  const page = await browserOf(scene, cookie).fetch(`${scene.server.issuer}/account`);
  return page.status === 200;
}

async function isAccess(scene: Scene, app: AppName, token: string): Promise<boolean> {
  const shown = await userinfo(scene.server, token);
  return shown.status === 200 || (await isActive(scene, app, token));
}

async function isRefresh(scene: Scene, app: AppName, token: string): Promise<boolean> {
  if (await isActive(scene, app, token)) return true;
  return (await refresh(scene.server, scene[app], token)).status === 200;
}

async function isActive({ server, ...apps }: Scene, app: AppName, token: string): Promise<boolean> {
  return (await post(server, '/introspect', { token }, apps[app])).body.active === true;
}
