/** One client from its registration to the sign-out. */
import { apiSteps } from './api-steps.ts';
import { newPlace, type Place, startApp, variablesOf } from './app.ts';
import { newChromiumVisitor } from './chromium-visitor.ts';
import type { ClientUnderTest } from './client.ts';
import { run } from './language.ts';
import { newPlainVisitor } from './plain-visitor.ts';
import type { ClientCredentials, Provider } from './provider.ts';
import type { Outcome, Result } from './result.ts';
import { sentBy } from './sent.ts';
import { appSteps, type StepName, stepNames } from './steps.ts';

export type Say = (line: string) => void;

export async function takeThrough(
  provider: Provider,
  client: ClientUnderTest,
  workshop: string,
  say: Say,
): Promise<Result> {
  const { language, program } = client;
  provider.complaints();
  const build = language.build?.(program);
  if (build) await run(build, workshop);
  const place = await newPlace();
  const credentials = await register(provider, client, place);
  const variables = variablesOf(provider, language, credentials, place);
  const app = await startApp(language.start(program, workshop), workshop, variables, place);
  try {
    const outcome = await (client.isApi ? takeApi : takeApp)(provider, client, credentials, place, say);
    if (Object.values(outcome).includes('failed')) say(evidence(provider, app.said()));
    const events = await provider.eventsOf(credentials.client_id);
    return { client, steps: outcome, sent: sentBy(events, credentials.client_secret !== undefined) };
  } finally {
    await app.stop();
  }
}

export function versionOf({ language, version, package: packageName, name }: ClientUnderTest): string {
  return version ?? language.version(packageName ?? name);
}

/** With what `client create` makes of a name and the redirect URIs, unless the client's own README asks for more. */
function register(
  provider: Provider,
  { name, callback = '/callback', afterLogout = '/', metadata }: ClientUnderTest,
  place: Place,
): Promise<ClientCredentials> {
  return provider.createClient({
    client_name: name,
    redirect_uris: [`${place.origin}${callback}`],
    post_logout_redirect_uris: [`${place.origin}${afterLogout}`],
    ...metadata?.(place),
  });
}

async function takeApp(
  provider: Provider,
  underTest: ClientUnderTest,
  client: ClientCredentials,
  { origin }: Place,
  say: Say,
): Promise<Outcome> {
  const { login = '/login', logout = '/logout', without = [], inChromium } = underTest;
  const visitor = await (inChromium ? newChromiumVisitor : newPlainVisitor)(provider, origin);
  const callsApi = !without.includes('API');
  const journey = { provider, client, visitor, origin, login, logout, callsApi };
  try {
    return await takeSteps(without, (name) => appSteps[name](journey), say);
  } finally {
    await visitor.close();
  }
}

function takeApi(
  provider: Provider,
  { without = [] }: ClientUnderTest,
  _client: ClientCredentials,
  { origin }: Place,
  say: Say,
): Promise<Outcome> {
  return takeSteps(without, async (name) => apiSteps[name]?.({ provider, origin }), say);
}

async function takeSteps(
  without: readonly StepName[],
  take: (name: StepName) => Promise<void>,
  say: Say,
): Promise<Outcome> {
  const outcome: { [name in StepName]?: 'passed' | 'failed' } = {};
  for (const name of stepNames.filter((one) => !without.includes(one))) {
    try {
      await take(name);
      outcome[name] = 'passed';
      say(`  passed  ${name}`);
    } catch (error) {
      outcome[name] = 'failed';
      say(`  FAILED  ${name}: ${(error as Error).message}`);
      if (name === 'sign-in') break;
    }
  }
  return outcome;
}

function evidence(provider: Provider, said: string): string {
  const lines = ['the program said:', said, 'the server logged:', ...provider.complaints()];
  return lines
    .join('\n')
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
