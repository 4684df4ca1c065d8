import { z } from 'zod';
import { isRefusal, refuse } from '../lib/outcome.ts';
import { wholeNumber } from '../lib/whole-number.ts';
import { registrationResponse } from '../oauth/clients/information.ts';
import { createInitialAccess } from '../oauth/clients/initial-access.ts';
import {
  createClient,
  type Registered,
  rotateClientSecret,
  setClientDisabled,
  updateClient,
} from '../oauth/clients/registry.ts';
import { deleteClient } from '../oauth/clients/removal.ts';
import type { Tx } from '../storage/database.ts';
import { findClient, findClientNamed } from '../storage/tables/clients.ts';
import { clientInput, grantTypes, metadataFlags, metadataInput, metadataOf } from './client-metadata.ts';
import { range, rangeFlags, readPart } from './list.ts';
import { type AdminContext, type Noun, telling, verb } from './noun.ts';
import { Said } from './said.ts';
import { applyTemplate, readTemplate, settingsFor, templateNames } from './templates.ts';

const DAY_SECONDS = 86_400;
const id = z.object({ client_id: z.string() });

const createInput = clientInput.extend({
  template: z.string().optional(),
  url: z.string().optional(),
  if_absent: z.boolean().optional(),
});

/** A Refusal as it is; otherwise the RFC 7591 response. */
function answer(outcome: unknown): unknown {
  return isRefusal(outcome) ? outcome : registrationResponse(outcome as Registered);
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function create(
  context: AdminContext,
  { profile, client_id, client_secret, ...metadata }: Record<string, unknown>,
) {
  const chosen = {
    profile: text(profile),
    client_id: text(client_id),
    client_secret: text(client_secret),
    provided: (tx: Tx) => refuseName(tx, metadata.client_name),
  };
  return createClient(context, grantTypes, metadata, chosen).then(answer).then(withAdvice(chosen));
}

/** RFC 6749 §2.3.1: by Basic it is form-encoded, and libraries that leave that out send another one. */
function withAdvice({ client_secret = '' }: { readonly client_secret: string | undefined }) {
  return (created: unknown) =>
    isRefusal(created) || !/[+%]/.test(client_secret)
      ? created
      : new Said(
          created,
          'the client_secret has + or %, which some libraries encode by Basic and others do not: both are taken here, but one without them is safer',
        );
}

/** A script that runs twice, or a command that is typed twice, makes no second client. */
async function refuseName(tx: Tx, name: unknown) {
  const known = typeof name === 'string' ? await findClientNamed(tx, name) : undefined;
  if (known === undefined) return undefined;
  const description = `there is a client with this name: ${known}; add --if-absent to go on with it, or choose another name`;
  return refuse('conflict', 'client_name_taken', description);
}

/** What is there already, without its secret; undefined where the client is still to be made. */
async function findStanding(
  context: AdminContext,
  { client_id, client_name }: Record<string, unknown>,
): Promise<unknown> {
  const byName = typeof client_name === 'string' ? await findClientNamed(context.db, client_name) : undefined;
  const client = await context.clients.find(text(client_id) ?? byName ?? '');
  return client && registrationResponse({ client });
}

/** With what to write in the app. */
async function createFrom(
  context: AdminContext,
  name: string,
  url: string | undefined,
  wanted: Record<string, unknown>,
): Promise<unknown> {
  const created = await create(context, wanted);
  if (isRefusal(created)) return created;
  const template = readTemplate(name);
  const made = created instanceof Said ? created.value : created;
  const { client_id, client_secret } = made as { client_id: string; client_secret?: string };
  const values = { issuer: context.settings.issuer, client_id, client_secret, url };
  const whole = { ...(made as object), app_settings: settingsFor(template, values) };
  return created instanceof Said ? new Said(whole, created.sentence) : whole;
}

/** A client that is gone since has no place: what comes after it is not told from nothing. */
async function listPart(
  { clients, db }: AdminContext,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<unknown> {
  if (after !== undefined && !(await findClient(db, after))) return unknown(after);
  return readPart({
    limit,
    read: (wanted) => clients.list({ after, limit: wanted }),
    keyOf: ({ client_id }) => client_id,
    value: (rows) => rows.map((client) => registrationResponse({ client })),
  });
}

export const clientNoun: Noun = {
  name: 'client',
  summary: 'apps and services that use this server',
  verbs: [
    verb({
      name: 'create',
      summary: 'register a client; a secret is shown once',
      begins: true,
      input: createInput,
      flags: [
        ...metadataFlags,
        { member: 'type', flag: 'type', kind: 'text', sentence: 'confidential (default) or public' },
        {
          member: 'template',
          flag: 'template',
          kind: 'text',
          sentence: 'an app that is known here (gatehouse client templates); what to write there is printed',
        },
        { member: 'url', flag: 'url', kind: 'text', sentence: 'with --template: where the app is' },
        {
          member: 'if_absent',
          flag: 'if-absent',
          kind: 'switch',
          sentence: 'where there is one of this name or client_id, print it, without its secret, and exit 0',
        },
      ],
      async run(context, { template, url, if_absent, ...input }) {
        const applied = template === undefined ? {} : applyTemplate(template, url);
        if (isRefusal(applied)) return applied;
        // The flags win over the template.
        const wanted = { ...applied, ...metadataOf(input) };
        const created =
          template === undefined
            ? await create(context, wanted)
            : await createFrom(context, template, url, wanted);
        // Asked afterwards: of two at once one makes it, and the other goes on with that.
        const isThere = if_absent && isRefusal(created) && created.error === 'conflict';
        return (isThere && (await findStanding(context, wanted))) || created;
      },
    }),
    telling({
      name: 'templates',
      summary: 'the apps that client create --template knows',
      input: z.object({}),
      tell: async () =>
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
        return { initial_access_token: await createInitialAccess(context, expires_in), expires_in };
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
      summary: 'one client',
      input: id,
      argument: 'client_id',
      async run(context, { client_id }) {
        const client = await context.clients.find(client_id);
        return client ? registrationResponse({ client }) : unknown(client_id);
      },
    }),
    verb({
      name: 'update',
      summary: 'change what is named; null in --metadata takes a member away',
      input: id.extend(metadataInput),
      argument: 'client_id',
      flags: metadataFlags,
      async run(context, { client_id, ...changes }) {
        return answer(await updateClient(context, grantTypes, client_id, metadataOf(changes)));
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
        answer(await rotateClientSecret(context, client_id, { keepOldForSeconds: keep_old_seconds })),
    }),
    verb({
      name: 'enable',
      summary: 'let it act again',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) => answer(await setClientDisabled(context, client_id, false)),
    }),
    verb({
      name: 'disable',
      summary: 'stop it and all its tokens at once',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) => answer(await setClientDisabled(context, client_id, true)),
    }),
    verb({
      name: 'delete',
      summary: 'remove it with its grants and consents',
      input: id,
      argument: 'client_id',
      run: async (context, { client_id }) =>
        (await deleteClient(context, client_id)) ? { client_id, deleted: true } : unknown(client_id),
    }),
  ],
};

function unknown(client_id: string) {
  return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
}
