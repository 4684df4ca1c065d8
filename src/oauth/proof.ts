/** What a grant proved: not what is allowed. Only the gate turns it into something that can be issued. */
export type Proof =
  | {
      readonly grantId: string;
      /** What the authorization request brought, for the ID token. OpenID Connect Core §2 */
      readonly nonce?: string | undefined;
      /** The generation of the refresh token to hand out; the first where there is none. */
      readonly generation?: number;
    }
  /** The client acts for itself. */
  | { readonly grantId: undefined };
