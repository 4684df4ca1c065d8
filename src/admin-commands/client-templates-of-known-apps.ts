/** Templates of known apps, from templates/*.yaml: the client metadata of each. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { nearestWord } from '../lib/nearest-word.ts';
import { type Refusal, refuse } from '../lib/outcome.ts';

const directory = new URL('../../templates/', import.meta.url);

const templateSchema = z.strictObject({
  title: z.string(),
  version: z.string(),
  /** RFC 7591 metadata, and `profile`; {url} stands for the app's own URL. */
  client: z.record(z.string(), z.unknown()),
  behaves: z.strictObject({
    pkce: z.boolean(),
    groups: z.enum(['id_token', 'userinfo', 'none']),
    refresh: z.boolean(),
  }),
  where: z.string(),
  settings: z.string(),
  notes: z.string(),
});

export type Template = z.output<typeof templateSchema>;

/** The names that `client create --template` takes, sorted: those of the files templates/*.yaml. */
export function templateNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''))
    .sort();
}

/** Throws where there is no template of this name. */
export function readTemplate(name: string): Template {
  return templateSchema.parse(parse(readFileSync(new URL(`${name}.yaml`, directory), 'utf8')));
}

/** The metadata of the template's client for an app at `url`. */
export function applyTemplate(
  name: string,
  url: string | undefined,
): Record<string, unknown> | Refusal<'usage'> {
  const names = templateNames();
  if (!names.includes(name)) {
    const nearest = nearestWord(name, names);
    const advice = nearest === undefined ? `they are ${names.join(', ')}` : `did you mean ${nearest}?`;
    return refuse('usage', 'unknown_template', `there is no template ${name}; ${advice}`);
  }
  const { title, client } = readTemplate(name);
  const text = JSON.stringify({ client_name: title, ...client });
  if (!text.includes('{url}')) return JSON.parse(text);
  const origin = url === undefined ? undefined : baseOf(url);
  if (origin === undefined) {
    return refuse(
      'usage',
      'missing_url',
      `${name} needs --url with the app's own URL, such as --url https://app.example.com`,
    );
  }
  return JSON.parse(text.replaceAll('{url}', origin));
}

/** The beginning of the redirect URIs: the URL without trailing slashes. */
export function baseOf(url: string): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || /[?#"\\]/.test(url)) return undefined;
  return url.replace(/(?<!\/)\/+$/, '');
}
