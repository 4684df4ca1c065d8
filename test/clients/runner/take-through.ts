/** One client from its registration to the sign-out. */
import { newPlace, type Place, startApp, variablesOf } from './app.ts';
import { newChromiumVisitor } from './chromium-visitor.ts';
import type { ClientUnderTest } from './client.ts';
import { run } from './language.ts';
import { newPlainVisitor } from './plain-visitor.ts';
import type { ClientCredentials, Provider } from './provider.ts';
import type { Result } from './result.ts';
import { sentBy } from './sent.ts';
import { type Journey, type StepName, steps } from './steps.ts';

export type Say = (line: string) => void;

export async function takeThrough(
  provider: Provider,
  client: ClientUnderTest,
  workshop: string,
  say: Say,
): Promise<Result> {
  const { language, program, name } = client;
  say(`${name} ${versionOf(client)} (${language.name})`);
  provider.complaints();
  const began = new Date();
  const build = language.build?.(program);
  if (build) await run(build, workshop);
  const place = await newPlace();
  const credentials = await register(provider, client, place);
  const variables = variablesOf(provider, language, credentials, place);
  const app = await startApp(language.start(program, workshop), workshop, variables, place);
  const visitor = await (client.inChromium ? newChromiumVisitor : newPlainVisitor)(provider, place.origin);
  try {
    const { login = '/login', logout = '/logout', without = [] } = client;
    const callsApi = !without.includes('API');
    const { origin } = place;
    const journey = { provider, client: credentials, visitor, origin, login, logout, callsApi };
    const outcome = await takeSteps(journey, without, (line) => say(`  ${line}`));
    if (Object.values(outcome).includes('failed')) say(evidence(provider, app.said()));
    return { client, steps: outcome, sent: sentBy(await provider.eventsSince(began)) };
  } finally {
    await visitor.close();
    await app.stop();
  }
}

export function versionOf({ language, package: packageName, name }: ClientUnderTest): string {
  return language.version(packageName ?? name);
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

async function takeSteps(journey: Journey, without: readonly StepName[], say: Say): Promise<Result['steps']> {
  const outcome: Partial<Record<StepName, 'passed' | 'failed'>> = {};
  for (const { name, take } of steps) {
    if (without.includes(name)) continue;
    try {
      await take(journey);
      outcome[name] = 'passed';
      say(`passed  ${name}`);
    } catch (error) {
      outcome[name] = 'failed';
      say(`FAILED  ${name}: ${(error as Error).message}`);
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
