import type { Client } from '../../clients/client.ts';
import { formPost } from './form-post.ts';
import { fragment } from './fragment.ts';
import type { ResponseMode } from './mode.ts';
import { query } from './query.ts';

/** The response modes there are; the first is the default. */
export const responseModes: readonly [ResponseMode, ...ResponseMode[]] = [query, fragment, formPost];

/** OAuth 2.0 Multiple Response Types §2.1: what response_type code means where no mode is named. */
export const DEFAULT_MODE = query.name;

/**
 * The modes that this client may request; an error for a request that names none of them is sent by the first. A server
 * never sees a fragment: for a confidential client that did not register it, the code would be left in the browser.
 */
export function responseModesOf(client: Pick<Client, 'metadata' | 'confidential'>): readonly ResponseMode[] {
  const { response_modes } = client.metadata;
  if (response_modes) return responseModes.filter(({ name }) => response_modes.includes(name));
  return client.confidential ? responseModes.filter((mode) => mode !== fragment) : responseModes;
}
