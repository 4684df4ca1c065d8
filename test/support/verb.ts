/** The verbs of the command line, called without it. */
import { nouns } from '../../src/admin/index.ts';
import { Part } from '../../src/admin/list.ts';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is printed is looked at member by member
type Printed = any;

/** What `gatehouse <noun> <name>` answers; of a list its rows. Throws where there is no such verb. */
export async function runVerb(
  { gatehouse }: TestServer,
  noun: string,
  name: string,
  input: object,
): Promise<Printed> {
  const verb = nouns.find((one) => one.name === noun)?.verbs.find((one) => one.name === name);
  if (!verb) throw new Error(`there is no verb ${noun} ${name}`);
  const answer = await verb.run(gatehouse, verb.input.parse(input));
  return answer instanceof Part ? answer.value : answer;
}
