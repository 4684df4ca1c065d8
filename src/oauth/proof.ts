import type { RefreshFamilyRow } from '../storage/tables/refresh-families.ts';

/** What a grant proved: not what is allowed. Only the gate turns it into something that can be issued. */
export type Proof =
  | {
      readonly grantId: string;
      /** What the authorization request brought, for the ID token. OpenID Connect Core §2 */
      readonly nonce?: string | undefined;
      /** The refresh family that was proven, and the generation to hand out. */
      readonly refresh?: { readonly family: RefreshFamilyRow; readonly generation: number } | undefined;
    }
  /** The client acts for itself. */
  | { readonly grantId: undefined };
