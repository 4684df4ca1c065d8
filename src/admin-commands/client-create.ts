/** gatehouse client create: from flags, a file, or a template of a known app. */
import { z } from 'zod';
import { isRefusal, PASSED, refuse } from '../lib/outcome.ts';
import { createClient } from '../oauth/clients/create-and-update-clients.ts';
import { grants } from '../oauth/grants/index.ts';
import type { Reader, Tx } from '../storage/database.ts';
import { findClientNamed } from '../storage/tables/clients.ts';
import { boundedText } from './bounded-text.ts';
import { clientInput, metadataFlags, metadataOf } from './client-metadata-flags.ts';
import { describeOutcome } from './client-response-with-warnings.ts';
import { applyTemplate, readTemplate } from './client-templates-of-known-apps.ts';
import { type AdminContext, verb } from './noun-and-verb-types.ts';
import { checkSpelling } from './refuse-misspelt-members-and-scopes.ts';
import { settingsFor } from './settings-to-enter-in-known-app.ts';
import { Lines, type Printed, WithNotice } from './verb-output-types.ts';

const createInput = clientInput.extend({
  template: boundedText.optional(),
  url: boundedText.optional(),
  if_absent: z.boolean().optional(),
});

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function create(
  context: AdminContext,
  { profile, client_id, client_secret, ...metadata }: Record<string, unknown>,
) {
  const chosen = {
    profile: text(profile),
    client_id: text(client_id),
    client_secret: text(client_secret),
    provided: (tx: Tx) => refuseTakenName(tx, metadata.client_name),
  };
  return createClient(context, grants, metadata, chosen).then((outcome) => describeOutcome(outcome, chosen));
}

/** A script or a command that runs twice creates no second client. */
async function refuseTakenName(tx: Tx, name: unknown) {
  const known = await findNamed(tx, name);
  if (known === undefined) return 'provided';
  const description = `there is a client with this name: ${known}; add --if-absent to go on with it, or choose another name`;
  return refuse('conflict', 'client_name_taken', description);
}

/** Trims the name as metadata-shape.ts does when it stores one. */
async function findNamed(db: Reader, name: unknown): Promise<string | undefined> {
  return typeof name === 'string' ? findClientNamed(db, name.trim()) : undefined;
}

/** The existing client with this client_id or name, without its secret; undefined where there is none. */
async function findExisting(
  context: AdminContext,
  { client_id, client_name }: Record<string, unknown>,
): Promise<Printed | undefined> {
  const byName = await findNamed(context.db, client_name);
  const client = await context.clients.find(text(client_id) ?? byName ?? '');
  return client && describeOutcome({ client });
}

/** Creates the client, and adds the settings to write in the app. */
async function createFromTemplate(
  context: AdminContext,
  name: string,
  url: string | undefined,
  wanted: Record<string, unknown>,
): Promise<Printed> {
  const created = await create(context, wanted);
  if (isRefusal(created)) return created;
  const template = readTemplate(name);
  const printed = created instanceof WithNotice ? created.value : created;
  const { client_id, client_secret } = printed as { client_id: string; client_secret?: string };
  const values = { issuer: context.settings.issuer, client_id, client_secret, url };
  const whole = { ...printed, app_settings: new Lines(settingsFor(template, values)) };
  return created instanceof WithNotice ? new WithNotice(whole, created.sentence) : whole;
}

export const createVerb = verb({
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
    // Flags override the template.
    const wanted = { ...applied, ...metadataOf(input) };
    const spelt = checkSpelling(wanted, context.settings);
    if (spelt !== PASSED) return spelt;
    const created =
      template === undefined
        ? await create(context, wanted)
        : await createFromTemplate(context, template, url, wanted);
    // Looked up after the attempt: of two concurrent commands, one creates the client and the other prints it.
    const isThere = if_absent && isRefusal(created) && created.error === 'conflict';
    return (isThere && (await findExisting(context, wanted))) || created;
  },
});
