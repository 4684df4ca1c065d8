/** Asks the server at its issuer, as an app does. */
import type { Settings } from '../../config/settings-schema.ts';
import { type Answer, ask, authorityOf } from '../bounded-http-client.ts';

/** The answer of the server to a GET of `path` below its issuer. Throws AnswerError. */
export function askAtIssuer(settings: Settings, path: string): Promise<Answer> {
  return ask(settings.issuer + path, { authority: authorityOf(settings) });
}
