import { formPost } from './form-post.ts';
import type { ResponseMode } from './mode.ts';
import { query } from './query.ts';

/** The response modes there are; the first is the default. Nothing ever travels in a fragment. */
export const responseModes: readonly [ResponseMode, ...ResponseMode[]] = [query, formPost];
