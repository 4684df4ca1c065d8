import type { Client } from '../../clients/client.ts';
import { formPost } from './form-post.ts';
import { fragment } from './fragment.ts';
import type { ResponseMode } from './mode.ts';
import { query } from './query.ts';

/** The response modes there are; the first is the default. */
export const responseModes: readonly [ResponseMode, ...ResponseMode[]] = [query, fragment, formPost];

/** OAuth 2.0 Multiple Response Types §2.1: what response_type code means where no mode is named. */
export const DEFAULT_MODE = query.name;

/** Those that this client may ask for; an error that asked for none of them takes the first. */
export function responseModesOf({ metadata }: Pick<Client, 'metadata'>): readonly ResponseMode[] {
  const { response_modes } = metadata;
  return response_modes ? responseModes.filter(({ name }) => response_modes.includes(name)) : responseModes;
}
