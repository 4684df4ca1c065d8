/** What the requests of the machine endpoints may touch, by endpoint. */
import type { IdentityContext } from '../../identity/context.ts';
import type { ClientAuthenticationContext } from '../clients/authentication/context.ts';
import type { ClientJwtContext, ClientsContext, RegistryContext } from '../clients/context.ts';
import type { OAuthContext } from '../context.ts';
import type { GrantContext } from '../grants/grant-type-interface.ts';
import type { SubjectContext } from '../sub-and-sid-for-client.ts';
import type { ClaimsContext, TokenMakingContext, TokenVerifyingContext } from '../tokens/context.ts';
import type { PresentedContext } from '../tokens/presented-token.ts';

/** To authenticate the client, prove the grant and issue its tokens. */
export type TokenContext = ClientAuthenticationContext &
  GrantContext &
  TokenMakingContext &
  Pick<OAuthContext, 'keys'>;

/** To read a token, and to answer its caller or to count the miss. */
export type TokenViewContext = PresentedContext &
  SubjectContext &
  Pick<OAuthContext, 'audit' | 'introspected' | 'introspectionMisses'>;

/** To authenticate the caller and describe the token. */
export type IntrospectionContext = ClientAuthenticationContext & TokenViewContext;

/** To authenticate the client and end what its token stands for. */
export type RevocationContext = ClientAuthenticationContext &
  PresentedContext &
  Pick<IdentityContext, 'audit'>;

/** To verify the token and release its claims, encrypted where the client asks for that. */
export type UserinfoContext = TokenVerifyingContext &
  ClaimsContext &
  SubjectContext &
  ClientJwtContext &
  Pick<IdentityContext, 'audit'>;

/** To publish the keys. */
export type JwksContext = Pick<OAuthContext, 'clock' | 'documents' | 'keys' | 'settings'>;

/** To make or replace a client, whose sector identifier may have to be fetched. */
export type RegisteringContext = RegistryContext & Pick<OAuthContext, 'log' | 'outbound'>;

/** To find the client whose registration access token is shown, and to act on it. */
export type OwnRegistrationContext = ClientsContext &
  Pick<IdentityContext, 'audit' | 'clock' | 'db' | 'settings'>;
