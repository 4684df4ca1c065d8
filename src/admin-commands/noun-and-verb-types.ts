/** A noun that an operator manages and its verbs; the command line is built from the table of nouns. */
import type { z } from 'zod';
import type { OAuthContext } from '../oauth/context.ts';
import type { Printed } from './verb-output-types.ts';

export interface AdminContext extends OAuthContext {
  /** Who runs the command, as `os:NAME`: the actor of each audit event of this context. */
  readonly operator: string;
}

/** The members of a verb's input. */
export type MemberOf<Input extends z.ZodObject> = keyof z.output<Input> & string;

/** How a verb's input is given. */
export interface Flag<Member extends string = string> {
  /** The member of the input. */
  readonly member: Member;
  /** Without the dashes. */
  readonly flag: string;
  readonly sentence: string;
  /**
   * `list` and `words` (words separated by spaces, as in `scope`) may be repeated; `file` is JSON from a file or -;
   * `secret` is read from standard input and never from an argument.
   */
  readonly kind: 'text' | 'list' | 'words' | 'switch' | 'file' | 'secret';
}

export interface Verb<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly input: Input;
  /** The member that is given as an argument. */
  readonly argument?: MemberOf<Input>;
  readonly flags?: readonly Flag<MemberOf<Input>>[];
  /** Whether the verb creates the database where there is none, as verbs that create the first user or client do. */
  readonly begins?: boolean;
  run(context: AdminContext, input: z.output<Input>): Promise<Printed>;
  /** Replaces `run` for a verb that needs no database. */
  runWithoutDatabase?(input: z.output<Input>): Promise<Printed>;
}

export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly Verb[];
}

/** Checks the types of one verb against each other, then widens it to `Verb` for the table. */
export function verb<Input extends z.ZodObject>(definition: Verb<Input>): Verb {
  return definition as unknown as Verb;
}

/** A verb that needs no database. */
export function verbWithoutDatabase<Input extends z.ZodObject>(
  definition: Omit<Verb<Input>, 'run'> & Required<Pick<Verb<Input>, 'runWithoutDatabase'>>,
): Verb {
  return verb({ ...definition, run: (_context, input) => definition.runWithoutDatabase(input) });
}
