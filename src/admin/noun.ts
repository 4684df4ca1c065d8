/** A thing to manage and what can be done with it; the command line follows from the table. */
import type { z } from 'zod';
import type { OAuthContext } from '../oauth/context.ts';

export type AdminContext = OAuthContext;

/** How a verb's input is given. */
export interface Flag {
  /** The member of the input. */
  readonly member: string;
  /** Without the dashes. */
  readonly flag: string;
  readonly sentence: string;
  /** A `list` and `words` (a text with spaces between, as `scope` has them) may be repeated; `file` is JSON from a file or -, `secret` is a line from standard input and never an argument. */
  readonly kind: 'text' | 'list' | 'words' | 'switch' | 'file' | 'secret';
}

export interface Verb<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly input: Input;
  /** The member that is given as an argument. */
  readonly argument?: string;
  readonly flags?: readonly Flag[];
  /** Whether it begins an installation where there is none: it makes the first thing of its kind. */
  readonly begins?: boolean;
  /** What is printed, or a Refusal. */
  run(context: AdminContext, input: z.output<Input>): Promise<unknown>;
  /** The same where there need be no installation. */
  tell?(input: z.output<Input>): Promise<unknown>;
}

export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly Verb[];
}

/** Keeps the types of one verb together and forgets them for the table. */
export function verb<Input extends z.ZodObject>(definition: Verb<Input>): Verb {
  return definition as unknown as Verb;
}

/** A verb that needs no database. */
export function verbWithoutDatabase<Input extends z.ZodObject>(
  definition: Omit<Verb<Input>, 'run'> & Required<Pick<Verb<Input>, 'tell'>>,
): Verb {
  return verb({ ...definition, run: (_context, input) => definition.tell(input) });
}

/** A moment as people and scripts both read it. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
