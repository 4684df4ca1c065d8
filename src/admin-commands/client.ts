import { z } from 'zod';
import { type Checked, checkInOrder, PASSED, type Refusal, refuse } from '../lib/outcome.ts';
import { wholeNumber } from '../lib/whole-number.ts';
import { warnOfClearText } from '../oauth/clients/clear-text-redirect-warning.ts';
import type { Client } from '../oauth/clients/client.ts';
import { updateClient } from '../oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../oauth/clients/disable-and-enable-client.ts';
import { createInitialAccess } from '../oauth/clients/initial-access-tokens.ts';
import { needsSecret, rotateClientSecret } from '../oauth/clients/issue-client-secrets.ts';
import { registrationResponse } from '../oauth/clients/registration-response.ts';
import { grants } from '../oauth/grants/index.ts';
import { listClientSecrets } from '../storage/tables/client-secrets.ts';
import { findClient } from '../storage/tables/clients.ts';
import { boundedText } from './bounded-text.ts';
import { createVerb } from './client-create.ts';
import { metadataFlags, metadataInput, metadataOf } from './client-metadata-flags.ts';
import { describeOutcome } from './client-response-with-warnings.ts';
import { readTemplate, templateNames } from './client-templates-of-known-apps.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Noun, verb, verbWithoutDatabase } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { checkSpelling } from './refuse-misspelt-members-and-scopes.ts';
import { type Part, WithNotice } from './verb-output-types.ts';

const DAY_SECONDS = 86_400;
const id = z.object({ client_id: boundedText });

/** The valid secrets: since when, and until when; null means until it is rotated. */
async function secretsOf({ db, clock }: AdminContext, { client_id, metadata }: Client): Promise<object> {
  if (!needsSecret(metadata)) return {};
  const nowMs = clock.nowMs();
  const valid = (await listClientSecrets(db, client_id)).filter(
    ({ expires_at }) => expires_at === null || expires_at > nowMs,
  );
  const client_secrets = valid.map(({ created_at, expires_at }) => ({
    created_at: isoTime(created_at),
    expires_at: expires_at === null ? null : isoTime(expires_at),
  }));
  return { client_secrets };
}

/** Refuses to list after a client that no longer exists: its position is unknown, and an empty list would look like the end. */
async function listPart(
  { clients, db }: AdminContext,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Part | Refusal> {
  if (after !== undefined && !(await findClient(db, after))) return refuseUnknownClient(after);
  return readPart({
    limit,
    read: (wanted) => clients.list({ after, limit: wanted }),
    keyOf: ({ client_id }) => client_id,
    value: (rows) => rows.map((client) => registrationResponse({ client })),
    warning: warnOfClearText,
  });
}

const CANNOT_REGISTER =
  'no app can use it: registration is off here; write registration: token into the settings and restart the server';

function checkSomethingNamed(wanted: object): Checked<Refusal<'usage'>> {
  if (Object.keys(wanted).length > 0) return PASSED;
  const description =
    'nothing is named that is to change; name it by a flag (--help lists them) or in --metadata';
  return refuse('usage', 'nothing_named', description);
}

export const clientNoun: Noun = {
  name: 'client',
  summary: 'apps and services that use this server',
  verbs: [
    createVerb,
    verbWithoutDatabase({
      name: 'templates',
      summary: 'the apps that client create --template knows',
      input: z.object({}),
      runWithoutDatabase: async () =>
        templateNames().map((name) => {
          const { title, version } = readTemplate(name);
          return { template: name, title, version };
        }),
    }),
    verb({
      name: 'initial-access-token',
      summary: 'a token, shown once, with which one client may register itself',
      begins: true,
      input: z.object({
        expires_in: wholeNumber(60, 365 * DAY_SECONDS).default(DAY_SECONDS),
      }),
      flags: [
        {
          member: 'expires_in',
          flag: 'expires-in',
          kind: 'text',
          sentence: 'how many seconds it is good for (default: a day)',
        },
      ],
      async run(context, { expires_in }) {
        const token = { initial_access_token: await createInitialAccess(context, expires_in), expires_in };
        return context.settings.registration === 'off' ? new WithNotice(token, CANNOT_REGISTER) : token;
      },
    }),
    verb({
      name: 'list',
      summary: 'all clients',
      input: z.object(range),
      flags: rangeFlags('client_id'),
      run: (context, asked) => listPart(context, asked),
    }),
    verb({
      name: 'get',
      summary: 'one client, and how long each of its secrets holds',
      input: id,
      argument: 'client_id',
      async run(context, { client_id }) {
        const client = await context.clients.find(client_id);
        if (!client) return refuseUnknownClient(client_id);
        return describeOutcome({ client }, { more: await secretsOf(context, client) });
      },
    }),
    verb({
      name: 'update',
      summary: 'change what is named; null in --metadata takes a member away',
      input: id.extend(metadataInput),
      argument: 'client_id',
      flags: metadataFlags,
      async run(context, { client_id, ...changes }) {
        const wanted = metadataOf(changes);
        const checked = checkInOrder(
          () => checkSpelling(wanted, context.settings),
          () => checkSomethingNamed(wanted),
        );
        if (checked !== PASSED) return checked;
        return describeOutcome(await updateClient(context, grants, client_id, wanted));
      },
    }),
    verb({
      name: 'rotate-secret',
      summary: 'a new secret, shown once; the old ones stay good for a while',
      input: id.extend({ keep_old_seconds: wholeNumber(0, 3650 * DAY_SECONDS).default(DAY_SECONDS) }),
      argument: 'client_id',
      flags: [
        {
          member: 'keep_old_seconds',
          flag: 'keep-old-seconds',
          kind: 'text',
          sentence: 'how long old secrets stay good (default: a day)',
        },
      ],
      run: async (context, { client_id, keep_old_seconds }) =>
        describeOutcome(
          await rotateClientSecret(context, client_id, { keepOldForSeconds: keep_old_seconds }),
        ),
    }),
    verb({
      name: 'enable',
      summary: 'enable the client again',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) =>
        describeOutcome(await setClientDisabled(context, client_id, false)),
    }),
    verb({
      name: 'disable',
      summary: 'disable the client and all its tokens at once',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) =>
        describeOutcome(await setClientDisabled(context, client_id, true)),
    }),
    verb({
      name: 'delete',
      summary: 'remove it with its grants and consents',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) =>
        (await deleteClient(context, client_id))
          ? { client_id, deleted: true }
          : refuseUnknownClient(client_id),
    }),
  ],
};

/** The refusal `unknown_client`: the command line prints its sentence and exits with 3. */
function refuseUnknownClient(client_id: string): Refusal {
  return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
}
