/** Metadata that were found good, and what has to be there for them. */
import { type Checked, isRefusal, type Refusal } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import type { KeyContext } from '../keys/context.ts';
import type { NewKey } from '../keys/new-key.ts';
import { prepareKeys, provideKeys } from '../keys/provide-signing-keys-for-client.ts';
import { acceptMetadata } from './complete-and-check-metadata.ts';
import { furtherAlgorithmsOf } from './further-signing-algorithms-of-client.ts';
import type { MetadataRefusal } from './metadata-refusal.ts';
import type { ClientMetadata, MetadataRules } from './metadata-shape.ts';

export interface Accepted {
  readonly metadata: ClientMetadata;
  /** Made for it, and stored with it. */
  readonly newKeys: readonly NewKey[];
}

/** The metadata with every default in place, or why it is refused. */
export async function accept(
  context: Omit<KeyContext, 'audit'>,
  input: unknown,
  rules: MetadataRules,
): Promise<Accepted | MetadataRefusal> {
  const metadata = await acceptMetadata(input, rules);
  if (isRefusal(metadata)) return metadata;
  // A registration creates no key: a client that registers itself may ask for a listed algorithm only.
  const algorithms = rules.selfRegistered ? [] : furtherAlgorithmsOf(metadata);
  return { metadata, newKeys: await prepareKeys(context, algorithms) };
}

/** In the transaction, before anything of the client is written; refused where a key is missing. */
export function provideFor(
  context: Pick<KeyContext, 'audit' | 'clock' | 'settings'>,
  tx: Tx,
  { metadata, newKeys }: Accepted,
): Promise<Checked<Refusal<'invalid_client_metadata'>>> {
  return provideKeys(context, tx, furtherAlgorithmsOf(metadata), newKeys);
}
