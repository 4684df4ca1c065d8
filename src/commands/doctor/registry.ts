/** Keys and clients. */

import { furtherAlgorithms } from '../../config/signing-algorithms.ts';
import type { Client, Clients } from '../../oauth/clients/client.ts';
import type { KeyContext } from '../../oauth/keys/need.ts';
import { type ListedKey, listKeys, listUsedAlgorithms } from '../../oauth/keys/rotation.ts';
import { findShutKeys } from '../../oauth/keys/shut-keys.ts';
import { isOnDevice } from '../../oauth/redirect-uri.ts';
import { findAnswerMember } from '../../oauth/reserved-members.ts';
import { countClientsOfAlgorithm } from '../../storage/tables/client-algorithms.ts';
import { type Check, fail, pass, warn } from './check.ts';

const DAY_MS = 86_400_000;

export const keysCheck: Check = {
  name: 'keys',
  async run(house) {
    const [shut] = await findShutKeys(house.db, house.settings.masterKey);
    if (shut) return fail('the master key is another than the keys were sealed with', shut.sentence);
    const keys = await listKeys(house);
    const used = await listUsedAlgorithms(house);
    const missing = used.filter((alg) => !keys.some((key) => key.alg === alg && key.state === 'current'));
    if (missing.length > 0)
      return fail(
        `no current key for ${missing.join(', ')}`,
        'start the server once, or: gatehouse keys rotate --now',
      );
    const oldest = Math.min(...keys.filter((key) => key.state === 'current').map((key) => key.activates_at));
    const next = new Date(oldest + house.settings.key_rotation_days * DAY_MS).toISOString().slice(0, 10);
    const what = [`${keys.length} keys published`, ...(await furtherKeys(house, keys))].join(', ');
    return pass(`${what}; the next rotation is due on ${next}`);
  },
};

/** Why there is more than every reader knows. */
async function furtherKeys({ db, settings }: KeyContext, keys: readonly ListedKey[]): Promise<string[]> {
  const there = furtherAlgorithms.filter((alg) => keys.some((key) => key.alg === alg));
  return Promise.all(
    there.map(async (alg) => {
      const clients = await countClientsOfAlgorithm(db, alg);
      if (clients > 0) return `${alg} for ${clients} client${clients === 1 ? '' : 's'}`;
      const isSet = settings.further_signing_algorithms.includes(alg);
      return isSet ? `${alg} by further_signing_algorithms` : `${alg} until its last token has expired`;
    }),
  );
}

const PAGE = 500;

async function* enabledClients(clients: Clients): AsyncGenerator<Client> {
  let after: string | undefined;
  do {
    const page = await clients.list({ after, limit: PAGE });
    yield* page.filter((client) => !client.disabled);
    after = page.at(-1)?.client_id;
  } while (after !== undefined);
}

export const clientsCheck: Check = {
  name: 'clients',
  async run({ clients, settings }) {
    let enabled = 0;
    const barred: string[] = [];
    const weak: string[] = [];
    for await (const client of enabledClients(clients)) {
      enabled += 1;
      if (hasBarredUri(client)) barred.push(client.client_id);
      const isPlain = client.metadata.redirect_uris.some(
        (uri) => uri.startsWith('http:') && !isOnDevice(uri),
      );
      if (!settings.development && client.metadata.application_type === 'web' && isPlain)
        weak.push(client.client_id);
    }
    if (barred.length > 0) {
      return warn(
        `redirect URIs with a member of an answer in their query, which are refused: ${barred.join(', ')}`,
        'gatehouse client update ID --redirect-uri URI, without it (code, state, iss, error, …)',
      );
    }
    if (weak.length === 0) return pass(`${enabled} enabled clients, none weak`);
    return warn(
      `web clients with http redirect URIs: ${weak.join(', ')}`,
      'gatehouse client update ID --redirect-uri https://…',
    );
  },
};

/** Registered before that was looked at. */
function hasBarredUri({ metadata }: Client): boolean {
  const { redirect_uris, post_logout_redirect_uris = [] } = metadata;
  return [...redirect_uris, ...post_logout_redirect_uris].some((uri) => findAnswerMember(uri) !== undefined);
}
