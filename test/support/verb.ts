/** Calls the verbs of the command line without a process. */
import { nouns } from '../../src/admin-commands/index.ts';
import { Part } from '../../src/admin-commands/verb-output-types.ts';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests check the output member by member
type Printed = any;

/** The answer of `gatehouse <noun> <name>`; for a list, its rows. Throws for an unknown verb. */
export async function runVerb(
  { gatehouse }: TestServer,
  noun: string,
  name: string,
  input: object,
): Promise<Printed> {
  const verb = nouns.find((one) => one.name === noun)?.verbs.find((one) => one.name === name);
  if (!verb) throw new Error(`there is no verb ${noun} ${name}`);
  const answer = await verb.run({ ...gatehouse, operator: 'os:test' }, verb.input.parse(input));
  return answer instanceof Part ? answer.value : answer;
}
