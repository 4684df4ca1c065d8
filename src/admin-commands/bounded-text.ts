import { z } from 'zod';

/**
 * A text of a verb's input, of up to 65,536 characters: no unbounded text reaches a rule or a statement. What stores it has a
 * smaller limit of its own. `test/architecture/nouns.test.ts` finds a text without one.
 */
export const boundedText = z.string().max(65_536);
