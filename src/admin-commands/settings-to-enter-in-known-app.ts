/** What an operator writes into the app: its template's text with this server's values. */
import { baseOf, type Template } from './client-templates-of-known-apps.ts';

export interface AppValues {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  readonly url?: string | undefined;
}

/** The settings to write in the app. */
export function settingsFor({ settings }: Template, values: AppValues): string {
  const url = values.url === undefined ? '' : (baseOf(values.url) ?? '');
  const words: Readonly<Record<string, string>> = {
    ...values,
    client_secret: values.client_secret ?? '',
    url,
  };
  return settings.replace(
    /\{(issuer|client_id|client_secret|url)\}/g,
    (_, word: string) => words[word] ?? '',
  );
}
