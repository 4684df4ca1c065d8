import type { Gatehouse } from '../../gatehouse.ts';
import { isRefusal } from '../../lib/outcome.ts';
import type { Clients } from '../../oauth/clients/cached-client-lookups.ts';
import type { Client } from '../../oauth/clients/client.ts';
import { findResource } from '../../oauth/find-requested-resources.ts';
import { isBarred } from '../../oauth/match-redirect-uri.ts';
import { isOnDevice } from '../../oauth/redirect-uri-kind.ts';
import { type Check, pass, warn } from './check.ts';

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

/** The URI was registered before this rule existed. */
function hasBarredUri({ metadata }: Client): boolean {
  const { redirect_uris, post_logout_redirect_uris = [] } = metadata;
  return [...redirect_uris, ...post_logout_redirect_uris].some(isBarred);
}
