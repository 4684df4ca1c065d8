/** Both discovery documents, from the tables: only what works is advertised. RFC 8414, OpenID Connect Discovery 1.0 */
import { languages } from '../../config/built-in-page-languages.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { standardScopes } from '../../config/standard-scopes-and-claims.ts';
import { assuranceLevels } from '../../identity/assurance.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { promptValues } from '../authorization/authorization-request-types.ts';
import { responseModes } from '../authorization/response-modes/index.ts';
import { authenticationMethods } from '../clients/authentication/index.ts';
import type { OAuthContext } from '../context.ts';
import { grants } from '../grants/index.ts';
import { contentEncryptions, keyEncryptions } from '../keys/encrypt-jwt.ts';
import type { SigningAlgorithm } from '../keys/make-and-verify-signatures.ts';
import { OPEN_TO_EVERYBODY } from '../proof-caller-was-authenticated.ts';
import { type Document, documentOf } from '../public-document.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';

const MAX_AGE_SECONDS = 300;

/** What an ID token says besides the claims of the person. OpenID Connect Core §2 */
const PROTOCOL_CLAIMS = 'sub iss aud exp iat auth_time nonce at_hash amr acr sid'.split(' ');

/** A member of the document whose value is an address. RFC 8414 §2 */
export type AddressMember = `${string}_endpoint` | 'jwks_uri';

/** What is served below the issuer, and the member that names it. */
export interface Addressed {
  readonly path: string;
  readonly metadata?: AddressMember;
}

/** The document, rendered once for as long as the same algorithms sign; `served` says what has an address. */
export async function metadata(
  context: Pick<OAuthContext, 'claimCatalogue' | 'documents' | 'keys' | 'settings'>,
  served: (settings: Settings) => readonly Addressed[],
): Promise<Answer<Document>> {
  const algorithms = await context.keys.algorithms();
  return answerTo(OPEN_TO_EVERYBODY, render(context, algorithms, served));
}

function render(
  context: Pick<OAuthContext, 'claimCatalogue' | 'documents' | 'settings'>,
  algorithms: readonly SigningAlgorithm[],
  served: (settings: Settings) => readonly Addressed[],
): Document {
  const known = context.documents.get(algorithms);
  if (known) return known;
  const document = documentOf(describeServer(context, algorithms, served(context.settings)), MAX_AGE_SECONDS);
  context.documents.set(algorithms, document);
  return document;
}

/** RFC 8414 §2, OpenID Connect Discovery 1.0 §3, RFC 9207 §3 */
function describeServer(
  context: Pick<IdentityContext, 'claimCatalogue' | 'settings'>,
  signing: readonly SigningAlgorithm[],
  served: readonly Addressed[],
): object {
  const { issuer, scopes } = context.settings;
  const { end_session_endpoint, ...addresses } = addressesOf(issuer, served);
  return {
    issuer,
    ...addresses,
    scopes_supported: [...new Set([...standardScopes, ...Object.keys(scopes)])],
    response_types_supported: ['code'],
    response_modes_supported: responseModes.map((mode) => mode.name),
    grant_types_supported: grants.map((grant) => grant.grantType),
    ...describeAuthentication(),
    end_session_endpoint,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    subject_types_supported: ['public', 'pairwise'],
    ...describeAlgorithms(signing),
    claims_supported: [...PROTOCOL_CLAIMS, ...context.claimCatalogue.claims.keys()],
    claims_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    prompt_values_supported: [...promptValues],
    acr_values_supported: assuranceLevels.map((level) => level.acr),
    // The pages fit any window; a value that is not listed is no error either.
    display_values_supported: ['page', 'popup', 'touch'],
    ui_locales_supported: languages.map(({ tag }) => tag),
  };
}

/** What proves a client, and at which endpoint. */
function describeAuthentication(): object {
  const algorithms = [...new Set(authenticationMethods.flatMap((method) => method.algorithms ?? []))];
  const methods = authenticationMethods.map((method) => method.name);
  return {
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    // RFC 7662 §2.1: a public client cannot introspect.
    introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
  };
}

/** By which ID tokens and userinfo are signed and encrypted. */
function describeAlgorithms(signing: readonly SigningAlgorithm[]): object {
  return {
    id_token_signing_alg_values_supported: signing,
    id_token_encryption_alg_values_supported: [...keyEncryptions],
    id_token_encryption_enc_values_supported: [...contentEncryptions],
    userinfo_signing_alg_values_supported: signing,
    userinfo_encryption_alg_values_supported: [...keyEncryptions],
    userinfo_encryption_enc_values_supported: [...contentEncryptions],
  };
}

/** The members that are addresses, in the order of the tables. */
function addressesOf(
  issuer: string,
  served: readonly Addressed[],
): Readonly<Partial<Record<AddressMember, string>>> {
  return Object.fromEntries(
    served.flatMap(({ path, metadata }) => (metadata === undefined ? [] : [[metadata, issuer + path]])),
  );
}
