/** The response modes that a client may use. */
import type { Client } from '../../clients/client.ts';
import { fragment } from './fragment.ts';
import { responseModes } from './index.ts';
import type { ResponseMode } from './mode.ts';

/**
 * The modes that this client may request; an error for a request that names none of them is sent by the first. A server
 * never sees a fragment: for a confidential client that did not register it, the code would be left in the browser.
 */
export function responseModesOf(client: Pick<Client, 'metadata' | 'confidential'>): readonly ResponseMode[] {
  const { response_modes } = client.metadata;
  if (response_modes) return responseModes.filter(({ name }) => response_modes.includes(name));
  return client.confidential ? responseModes.filter((mode) => mode !== fragment) : responseModes;
}
