/** Checks of keys and clients. */

import { furtherAlgorithms } from '../../config/signing-algorithms.ts';
import type { Gatehouse } from '../../gatehouse.ts';
import { isAheadOfClock } from '../../lib/clock-comparison.ts';
import { isRefusal } from '../../lib/outcome.ts';
import {
  CLEAR_TEXT_REMEDY,
  describeClearText,
  listClearTextClients,
} from '../../oauth/clients/clear-text-warning.ts';
import type { Client } from '../../oauth/clients/client.ts';
import type { Clients } from '../../oauth/clients/client-cache.ts';
import type { KeyContext } from '../../oauth/keys/context.ts';
import { type ListedKey, listKeys, listUsedAlgorithms } from '../../oauth/keys/rotation.ts';
import { findUnreadableKeys } from '../../oauth/keys/unreadable-keys.ts';
import { isBarred, isOnDevice } from '../../oauth/redirect-uri.ts';
import { findResource } from '../../oauth/resource.ts';
import { countClientsOfAlgorithm } from '../../storage/tables/client-algorithms.ts';
import { type Check, type Finding, fail, pass, warn } from './check.ts';

const DAY_MS = 86_400_000;

export const keysCheck: Check = {
  name: 'keys',
  async run(gatehouse) {
    const [unreadable] = await findUnreadableKeys(gatehouse.db, gatehouse.settings.masterKey);
    if (unreadable)
      return fail('the master key is another than the keys were sealed with', unreadable.sentence);
    const keys = await listKeys(gatehouse);
    const used = await listUsedAlgorithms(gatehouse);
    const nowMs = gatehouse.clock.nowMs();
    const missing = used.filter((alg) => !keys.some((key) => isCurrent(key, alg, nowMs)));
    if (missing.length > 0) return explainMissing(missing, keys, nowMs);
    const oldest = Math.min(...keys.filter((key) => key.state === 'current').map((key) => key.activates_at));
    const next = new Date(oldest + gatehouse.settings.key_rotation_days * DAY_MS).toISOString().slice(0, 10);
    const what = [`${keys.length} keys published`, ...(await describeFurtherKeys(gatehouse, keys))].join(
      ', ',
    );
    return pass(`${what}; the next rotation is due on ${next}`);
  },
};

/** A key whose activation is in the future does not count as current: a clock is wrong. */
function isCurrent({ alg, state, activates_at }: ListedKey, wanted: string, nowMs: number): boolean {
  return alg === wanted && state === 'current' && !isAheadOfClock(activates_at, nowMs);
}

/** A key was always active before its successor was created; where all are activated in the future, the clock was set back. */
function explainMissing(missing: readonly string[], keys: readonly ListedKey[], nowMs: number): Finding {
  const activations = keys.filter(({ alg }) => missing.includes(alg)).map((key) => key.activates_at);
  const first = Math.min(...activations);
  if (activations.length > 0 && first > nowMs) {
    const [now, activation] = [nowMs, first].map((ms) => new Date(ms).toISOString());
    return fail(
      `this machine's clock is behind: here it is ${now}, and the first key for ${missing.join(', ')} begins at ${activation}`,
      'set the clock (chrony), and rotate no key before',
    );
  }
  return fail(
    `no current key for ${missing.join(', ')}`,
    'start the server once, or: gatehouse keys rotate --now',
  );
}

/** Why keys of further algorithms are published, which not every client supports. */
async function describeFurtherKeys(
  { db, settings }: Pick<KeyContext, 'db' | 'settings'>,
  keys: readonly ListedKey[],
): Promise<string[]> {
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

/** The faults that a client may have, the worst first. */
const faults: readonly {
  readonly isIn: (client: Client, gatehouse: Gatehouse) => boolean | Promise<boolean>;
  readonly sentence: string;
  readonly fix: string;
}[] = [
  {
    isIn: hasBarredUri,
    sentence: 'redirect URIs that are refused, by a scheme that no app answers to or a member of an answer',
    fix: 'gatehouse client update ID --redirect-uri URI, without it (javascript:, …, or ?code, state, iss, error, …)',
  },
  {
    isIn: isWeak,
    sentence: 'web clients with http redirect URIs',
    fix: 'gatehouse client update ID --redirect-uri https://…',
  },
  {
    isIn: lacksDefault,
    sentence: 'clients whose default_resource is registered by no client that is enabled',
    fix: 'gatehouse doctor --client ID',
  },
];

export const clientsCheck: Check = {
  name: 'clients',
  async run(gatehouse) {
    let enabled = 0;
    const found = faults.map((fault) => ({ ...fault, ids: [] as string[] }));
    for await (const client of enabledClients(gatehouse.clients)) {
      enabled += 1;
      for (const { isIn, ids } of found) if (await isIn(client, gatehouse)) ids.push(client.client_id);
    }
    const worst = found.find(({ ids }) => ids.length > 0);
    return worst
      ? warn(`${worst.sentence}: ${worst.ids.join(', ')}`, worst.fix)
      : pass(`${enabled} enabled clients, none weak`);
  },
};

function isWeak({ metadata }: Client, { settings }: Gatehouse): boolean {
  const isPlain = metadata.redirect_uris.some((uri) => uri.startsWith('http:') && !isOnDevice(uri));
  const isMeant = settings.development || metadata.insecure_redirect_uris;
  return !isMeant && metadata.application_type === 'web' && isPlain;
}

/** The client that was registered for the resource was deleted or disabled since. */
async function lacksDefault({ metadata }: Client, { clients }: Gatehouse): Promise<boolean> {
  const { default_resource } = metadata;
  return default_resource !== undefined && isRefusal(await findResource(clients, default_resource));
}

export const clearTextCheck: Check = {
  name: 'clear text',
  async run({ db }) {
    const clients = await listClearTextClients(db);
    return clients.length === 0
      ? pass('no client with insecure_redirect_uris')
      : warn(describeClearText(clients), CLEAR_TEXT_REMEDY);
  },
};

/** The URI was registered before this rule existed. */
function hasBarredUri({ metadata }: Client): boolean {
  const { redirect_uris, post_logout_redirect_uris = [] } = metadata;
  return [...redirect_uris, ...post_logout_redirect_uris].some(isBarred);
}
