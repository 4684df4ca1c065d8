/** What a resource server is taken through: tokens for it, for others, and none at all. */
import type { ClientCredentials, Provider } from './provider.ts';
import type { StepName } from './steps.ts';

export interface Api {
  readonly provider: Provider;
  readonly origin: string;
}

type Take = (api: Api) => Promise<void>;

export const apiSteps: Partial<Record<StepName, Take>> = {
  async API({ provider, origin }) {
    const machine = await newMachine(provider);
    const token = await tokenFor(provider, machine, { resource: `${origin}/api` });
    await expectAnswer(`${origin}/api`, token, { status: 200, member: 'called', value: true });
    for (const wrong of ['garbage', `${token}x`, await tokenFor(provider, machine, {})])
      await expectAnswer(`${origin}/api`, wrong, { status: 401 });
  },
  async introspection({ provider, origin }) {
    const machine = await newMachine(provider);
    const token = await tokenFor(provider, machine, { resource: `${origin}/api` });
    const seen = { status: 200, member: 'client_id', value: machine.client_id };
    await expectAnswer(`${origin}/introspect`, token, seen);
    await ask(provider, '/revoke', machine, { token });
    for (const wrong of ['garbage', token])
      await expectAnswer(`${origin}/introspect`, wrong, { status: 401 });
  },
};

function newMachine(provider: Provider): Promise<ClientCredentials> {
  return provider.createClient({
    client_name: `Machine ${crypto.randomUUID()}`,
    grant_types: ['client_credentials'],
  });
}

async function tokenFor(
  provider: Provider,
  machine: ClientCredentials,
  more: Record<string, string>,
): Promise<string> {
  const answer = await ask(provider, '/token', machine, { grant_type: 'client_credentials', ...more });
  const { access_token } = JSON.parse(answer) as { access_token?: string };
  if (access_token === undefined) throw new Error(`the token endpoint answers ${answer}`);
  return access_token;
}

async function ask(
  { issuer, send }: Provider,
  path: string,
  { client_id, client_secret = '' }: ClientCredentials,
  more: Record<string, string>,
): Promise<string> {
  const body = new URLSearchParams({ client_id, client_secret, ...more });
  return (await send(`${issuer}${path}`, { method: 'POST', body })).text();
}

interface Wanted {
  readonly status: number;
  readonly member?: string;
  readonly value?: unknown;
}

async function expectAnswer(url: string, token: string, { status, member, value }: Wanted): Promise<void> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  const said = `${answer.status} ${answer.headers.get('www-authenticate') ?? ''} ${text}`;
  if (answer.status !== status) throw new Error(`the API should answer ${status} and answers ${said}`);
  if (member !== undefined && JSON.parse(text)[member] !== value)
    throw new Error(`${member} should be ${value}: ${said}`);
}
