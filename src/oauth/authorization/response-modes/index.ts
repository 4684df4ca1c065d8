import { formPost } from './form-post.ts';
import { fragment } from './fragment.ts';
import type { ResponseMode } from './mode.ts';
import { query } from './query.ts';

/** The response modes there are; the first is the default. */
export const responseModes: readonly [ResponseMode, ...ResponseMode[]] = [query, fragment, formPost];

/** OAuth 2.0 Multiple Response Types §2.1: what response_type code means where no mode is named. */
export const DEFAULT_MODE = query.name;
