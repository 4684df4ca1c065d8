import type { Settings } from '../config/settings-schema.ts';

/** Whether mail is delivered: by the mail server of the settings or, in development without one, into files. */
export function isMailOffered({
  smtp_url,
  development,
}: Pick<Settings, 'smtp_url' | 'development'>): boolean {
  return smtp_url !== undefined || development;
}
