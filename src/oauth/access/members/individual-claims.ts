import {
  type ClaimsRequest,
  claimsPlaces,
  type IndividualClaimRequest,
  type RequestedPlace,
} from '../../claims-request.ts';
import { defineMember } from './member.ts';

/**
 * A claim that is asked for one by one. OpenID Connect Core §5.5. A person allows its name; a grant holds where it goes
 * and with which values.
 */
export interface SingleClaim extends Readonly<Partial<Record<RequestedPlace, IndividualClaimRequest>>> {
  readonly name: string;
}

/** Written as the names alone, or as the claims parameter has them where it is said where they go. */
export const claims = defineMember<SingleClaim>({
  parse: (stored) => (Array.isArray(stored) ? claimsNamed(stored) : requestedClaims(stored as ClaimsRequest)),
  write: (items) => (items.some(isPlaced) ? byPlace(items) : items.map(({ name }) => name)),
  isSame: (one, other) => one.name === other.name,
  describe: (items) => (items.length === 0 ? undefined : items.map(({ name }) => name)),
  isAudited: true,
});

/** Claims of which nothing is said but their names. */
export function claimsNamed(names: readonly string[]): readonly SingleClaim[] {
  return names.map((name) => ({ name }));
}

/** The claims of a request, each once, with the places that it is asked for in. */
export function requestedClaims(request: ClaimsRequest): readonly SingleClaim[] {
  const names = new Set(claimsPlaces.flatMap((place) => Object.keys(request[place] ?? {})));
  return [...names].map((name) => ({ name, ...placesOf(request, name) }));
}

function placesOf(request: ClaimsRequest, name: string): Omit<SingleClaim, 'name'> {
  const asked = claimsPlaces.filter((place) => Object.hasOwn(request[place] ?? {}, name));
  return Object.fromEntries(asked.map((place) => [place, request[place]?.[name]]));
}

function isPlaced(claim: SingleClaim): boolean {
  return claimsPlaces.some((place) => claim[place] !== undefined);
}

function byPlace(items: readonly SingleClaim[]): ClaimsRequest {
  const places = claimsPlaces.flatMap((place) => {
    const requests = items.flatMap(({ name, [place]: request }) =>
      request === undefined ? [] : [[name, request]],
    );
    return requests.length === 0 ? [] : [[place, Object.fromEntries(requests)]];
  });
  return Object.fromEntries(places);
}
