/** A check that forgets its word, beside one that does not. Compiled by ../forgetful.test.ts. */
import { type Checked, checkInOrder, PASSED, type Refusal, refuse } from '../../../src/lib/outcome.ts';
import type { MetadataRefusal } from '../../../src/oauth/clients/metadata-refusal.ts';
import type { ClientMetadata } from '../../../src/oauth/clients/metadata-shape.ts';

type Metadata = Pick<ClientMetadata, 'redirect_uris'>;

function refusal(): MetadataRefusal {
  return refuse('invalid_redirect_uri', 'missing_redirect_uri', 'a toy needs a redirect_uri');
}

export function careful({ redirect_uris }: Metadata): Checked<MetadataRefusal> {
  return redirect_uris.length === 0 ? refusal() : PASSED;
}

// refused: TS2366
export function forgetsTheLastLine({ redirect_uris }: Metadata): Checked<MetadataRefusal> {
  if (redirect_uris.length === 0) return refusal();
}

export function saysYesByUndefined({ redirect_uris }: Metadata): Checked<MetadataRefusal> {
  // refused: TS2322
  return redirect_uris.length === 0 ? refusal() : undefined;
}

// refused: TS2366
export function forgetsTheSentence(uri: string): Checked<string> {
  if (uri.includes('#')) return 'has a fragment';
}

export function forgetsOneOfSeveral(metadata: Metadata): Checked<Refusal> {
  return checkInOrder<Refusal>(
    () => careful(metadata),
    // refused: TS2345
    () => {},
  );
}

export function takesSilenceForYes(metadata: Metadata): Metadata | MetadataRefusal {
  // refused: TS2322
  return careful(metadata) ?? metadata;
}
