/** Redirect URIs that send codes in clear text. */
import {
  CLEAR_TEXT_REMEDY,
  describeClearText,
  listClearTextClients,
} from '../../oauth/clients/clear-text-redirect-warning.ts';
import { type Check, pass, warn } from './check.ts';

export const clearTextCheck: Check = {
  name: 'clear text',
  async run({ db }) {
    const clients = await listClearTextClients(db);
    return clients.length === 0
      ? pass('no client with insecure_redirect_uris')
      : warn(describeClearText(clients), CLEAR_TEXT_REMEDY);
  },
};
