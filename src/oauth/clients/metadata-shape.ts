/** Client metadata by its wire names. RFC 7591 §2, OpenID Connect Dynamic Client Registration §2 */
import { z } from 'zod';
import type { ProfileName } from '../../config/client-protocol-profiles.ts';
import {
  type AccessTokenAlgorithm,
  type AccessTokenType,
  accessTokenAlgorithms,
  accessTokenTypes,
} from '../access-token-type-and-algorithm.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../keys/make-and-verify-signatures.ts';
import { type ResponseModeName, responseModeNames } from '../response-mode-names.ts';
import { WEB_HOST } from './redirect-uri-rules.ts';
import { type EncryptionMetadata, encryptionShape } from './response-encryption-metadata.ts';

/** Where joiners are part of spelling (RFC 5892 A.1, A.2): between letters of these scripts. */
const JOINED =
  '[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}\\p{sc=Nkoo}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}' +
  '\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}\\p{sc=Khmr}\\p{sc=Mymr}]';
const JOINERS = new RegExp(`(?<=${JOINED})[\\u200c\\u200d](?=${JOINED})`, 'gu');

/** Control characters, changes of the reading direction, and invisible characters; fillers and blanks are letters by name. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f/u;

const idTokenClaims = ['scopes', 'minimal'] as const;

const webUrl = z.url({ protocol: /^https?$/, hostname: WEB_HOST }).max(2048);
const secureUrl = z
  .url({ protocol: /^https$/, hostname: WEB_HOST, error: 'must be an https URL with a host of a-z 0-9 . -' })
  .max(2048);

/** Unknown members are ignored (RFC 7591 §2). */
export const metadataSchema = z.object({
  client_name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .refine((name) => !DECEIVING.test(name.replace(JOINERS, '')), 'has characters that control or hide'),
  redirect_uris: z.array(z.string().max(2048)).max(50).default([]),
  grant_types: z.array(z.string().max(256)).min(1).max(20).optional(),
  response_types: z.array(z.string().max(256)).max(20).optional(),
  /** Ours: undefined means every one there is. */
  response_modes: z.array(z.enum(responseModeNames)).min(1).max(20).optional(),
  scope: z.string().max(4096).optional(),
  token_endpoint_auth_method: z.string().max(256).optional(),
  application_type: z.enum(['web', 'native']).default('web'),
  id_token_signed_response_alg: z.enum(signingAlgorithms).optional(),
  /** What it may be follows from the methods of authentication (check-metadata-agreement.ts). */
  token_endpoint_auth_signing_alg: z.string().max(64).optional(),
  jwks_uri: secureUrl.optional(),
  default_max_age: z.int().min(0).max(999_999_999).optional(),
  require_auth_time: z.boolean().optional(),
  default_acr_values: z.array(z.string().max(256)).max(20).optional(),
  initiate_login_uri: secureUrl.optional(),
  post_logout_redirect_uris: z.array(z.string().max(2048)).max(50).optional(),
  backchannel_logout_uri: webUrl.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  frontchannel_logout_uri: webUrl.optional(),
  frontchannel_logout_session_required: z.boolean().optional(),
  // How the person is named to the client, and how what is said of them is signed and encrypted.
  subject_type: z.enum(['public', 'pairwise']).optional(),
  sector_identifier_uri: secureUrl.optional(),
  userinfo_signed_response_alg: z.enum(signingAlgorithms).optional(),
  ...encryptionShape,
  client_uri: webUrl.optional(),
  logo_uri: webUrl.optional(),
  policy_uri: webUrl.optional(),
  tos_uri: webUrl.optional(),
  software_id: z.string().max(256).optional(),
  software_version: z.string().max(256).optional(),
  contacts: z.array(z.string().max(320)).max(10).optional(),
  /** Ours: the resource indicators (RFC 8707) that this client, as a resource server, answers for. */
  resources: z.array(z.string().max(2048)).max(50).default([]),
  /** Ours: what the tokens for these resources say they are, for readers that know no at+jwt (RFC 9068). */
  access_token_type: z.enum(accessTokenTypes).optional(),
  /** Ours: what they are signed with. */
  access_token_signed_response_alg: z.enum(accessTokenAlgorithms).optional(),
  /** Ours: whom its tokens are for where a request names no resource. */
  default_resource: z.string().max(2048).optional(),
  /** Ours: an app of the operator's own, for which consent is not asked. */
  first_party: z.boolean().default(false),
  /** Ours: whether ID tokens hold the claims of the granted scopes, as userinfo does, or what places them there alone. */
  id_token_claims: z.enum(idTokenClaims).optional(),
  /** Ours: whether a refresh counts as use of the session of its grant; undefined leaves it to the profile. */
  refresh_is_activity: z.boolean().optional(),
  /** Ours: whether a refresh token is spent by its use; undefined leaves it to the profile. */
  refresh_token_rotation: z.boolean().optional(),
  /** Ours: a secret counts only in the way that is registered, by Basic or in the body. */
  strict_auth_method: z.boolean().optional(),
  /** Ours: whether a request without PKCE is refused; undefined leaves it to the profile. */
  require_pkce: z.boolean().optional(),
  /** Ours: redirects may be http on a private host; PKCE is demanded then, as the code can be read on the network. */
  insecure_redirect_uris: z.boolean().optional(),
});

export interface ClientMetadata extends EncryptionMetadata {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  /** How answers may travel to it; undefined: in every way there is. ASVS 5 V10.4.12 */
  readonly response_modes?: readonly ResponseModeName[] | undefined;
  /** What the client may ask for, and gets where a request names no scope. */
  readonly scope: string;
  readonly token_endpoint_auth_method: string;
  readonly application_type: 'web' | 'native';
  readonly id_token_signed_response_alg: SigningAlgorithm;
  /** The one algorithm of its client assertions; undefined: any of its method. */
  readonly token_endpoint_auth_signing_alg?: string | undefined;
  readonly jwks_uri?: string | undefined;
  readonly require_auth_time?: boolean | undefined;
  readonly default_acr_values?: readonly string[] | undefined;
  /** OpenID Connect RP-Initiated Logout §3.1: where a browser may go after signing out. */
  readonly post_logout_redirect_uris?: readonly string[] | undefined;
  readonly backchannel_logout_uri?: string | undefined;
  /** The sid is sent all the same. */
  readonly backchannel_logout_session_required?: boolean | undefined;
  readonly frontchannel_logout_uri?: string | undefined;
  readonly frontchannel_logout_session_required?: boolean | undefined;
  /** OpenID Connect Core §4: where a third party begins a login; kept for those who read it. */
  readonly initiate_login_uri?: string | undefined;
  /** Seconds; what max_age is where a request names none. */
  readonly default_max_age?: number | undefined;
  readonly subject_type?: 'public' | 'pairwise' | undefined;
  readonly sector_identifier_uri?: string | undefined;
  readonly userinfo_signed_response_alg?: SigningAlgorithm | undefined;
  readonly client_uri?: string | undefined;
  readonly logo_uri?: string | undefined;
  readonly policy_uri?: string | undefined;
  readonly tos_uri?: string | undefined;
  readonly software_id?: string | undefined;
  readonly software_version?: string | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly resources: readonly string[];
  readonly access_token_type?: AccessTokenType | undefined;
  readonly access_token_signed_response_alg?: AccessTokenAlgorithm | undefined;
  readonly default_resource?: string | undefined;
  readonly first_party: boolean;
  readonly id_token_claims?: (typeof idTokenClaims)[number] | undefined;
  readonly refresh_is_activity?: boolean | undefined;
  readonly refresh_token_rotation?: boolean | undefined;
  readonly strict_auth_method?: boolean | undefined;
  readonly require_pkce?: boolean | undefined;
  readonly insecure_redirect_uris?: boolean | undefined;
}

/** A row of the grants' table, as far as metadata is held to it. */
export interface GrantType {
  readonly grantType: string;
  /** Whether a person takes part in it. */
  readonly forUser: boolean;
  /** Whether public clients are kept out. */
  readonly confidentialOnly: boolean;
  /** Whether an app that registered itself may use it. */
  readonly selfRegistered: boolean;
}

/** A row of the table of client authentication methods, as far as metadata is held to it. */
export interface AuthMethod {
  readonly name: string;
  readonly credential: 'secret' | 'keys' | 'none';
  readonly algorithms?: readonly string[];
}

/** What exists here, from the tables above this folder. */
export interface MetadataRules {
  readonly profile: ProfileName;
  readonly development: boolean;
  /** It registered itself; the operator did not check it (RFC 7591). */
  readonly selfRegistered?: boolean;
  readonly grantTypes: readonly GrantType[];
  readonly authMethods: readonly AuthMethod[];
}

export type Draft = z.output<typeof metadataSchema>;
