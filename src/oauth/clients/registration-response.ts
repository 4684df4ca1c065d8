import { isSelfRegistered } from './is-self-registered.ts';
import type { Registered } from './registry-result-and-audit.ts';

/** RFC 7591 §3.2.1: client information response. */
export function registrationResponse({ client, client_secret }: Registered): Record<string, unknown> {
  return {
    client_id: client.client_id,
    ...(client_secret !== undefined && { client_secret, client_secret_expires_at: 0 }),
    client_id_issued_at: Math.floor(client.createdAtMs / 1000),
    ...client.metadata,
    profile: client.profile,
    disabled: client.disabled,
    ...(isSelfRegistered(client) && { self_registered: true }),
  };
}
