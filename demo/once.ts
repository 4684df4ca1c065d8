/** The whole code flow by itself, over real HTTP, with a user agent of its own. */
import { createUserAgent } from '../test/support/user-agent.ts';
import {
  authorizationUrl,
  check,
  checkIdToken,
  discover,
  introspect,
  readCode,
  redeem,
  refresh,
  revoke,
  userinfo,
} from './client.ts';
import { createRecorder, type Exchange } from './exchange.ts';
import { PERSON, type Stage } from './stage.ts';

/** Throws where a step is not as the specification says. */
export async function walk(stage: Stage, print: (line: string) => void): Promise<void> {
  const tell = ({ request, response }: Exchange) => print(`\n> ${indent(request)}\n< ${indent(response)}`);
  const recorder = createRecorder(tell);
  const agent = createUserAgent(stage.issuer, {}, recorder.fetch);

  print('== Discovery');
  const metadata = await discover(recorder, stage);

  print('\n== A person signs in and allows');
  const { url, pending } = authorizationUrl(stage, metadata);
  const login = await agent.open(url);
  check(login.body.includes('Sign in'), 'the login page is shown');
  const consent = await agent.submit(login, { username: PERSON.username, password: PERSON.password });
  check(consent.body.includes('Allow access'), 'the consent page is shown');
  const answered = await agent.submit(consent, { decision: 'allow' });
  check(
    answered.location?.startsWith(stage.redirect_uri) === true,
    'the browser is sent to the redirect_uri',
  );
  const code = readCode(stage, new URL(answered.location ?? '').searchParams, pending);

  print('\n== The app redeems the code');
  const tokens = await redeem(recorder, stage, metadata, code, pending);
  const claims = await checkIdToken(recorder, stage, metadata, tokens, pending.nonce);
  print(`\nID token: ${JSON.stringify(claims, undefined, 2)}`);

  print('\n== The app asks who it is');
  const person = (await (await userinfo(recorder, metadata, tokens.access_token)).json()) as { sub: string };
  check(person.sub === claims.sub, 'userinfo and ID token name the same sub');
  check(
    (await introspect(recorder, stage, metadata, tokens.access_token)).active,
    'the access token is active',
  );

  print('\n== The app refreshes');
  const renewed = await refresh(recorder, stage, metadata, tokens.refresh_token);
  check(renewed.refresh_token !== tokens.refresh_token, 'the refresh token is rotated');
  check(
    (await checkIdToken(recorder, stage, metadata, renewed, undefined)).sub === claims.sub,
    'the sub stays',
  );

  print('\n== The app revokes');
  await revoke(recorder, stage, metadata, renewed.refresh_token);
  check(
    !(await introspect(recorder, stage, metadata, renewed.access_token)).active,
    'its access tokens end with it',
  );
  check(
    (await userinfo(recorder, metadata, renewed.access_token)).status === 401,
    'userinfo refuses the token',
  );

  print('\n== The person signs out');
  const logout = await agent.open(`${stage.issuer}/logout`);
  const signedOut = await agent.submit(logout, {});
  check(signedOut.body.includes('Signed out'), 'the signed-out page is shown');
  const silent = authorizationUrl(stage, metadata, { prompt: 'none' });
  const refused = new URL((await agent.open(silent.url)).location ?? '').searchParams;
  check(refused.get('error') === 'login_required', 'nobody is signed in any more');
  print(`\nAll steps are as the specifications say (${recorder.exchanges.length} exchanges).`);
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
