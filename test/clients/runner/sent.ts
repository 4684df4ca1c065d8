/** How a client asked, as `gatehouse doctor --client` tells it too: from the audit log. */
import type { AuditEvent } from './provider.ts';

const ways: Readonly<Record<string, string>> = {
  client_secret_basic: 'secret by Basic',
  client_secret_post: 'secret in the body',
};

/** `isConfidential`: whether it was made with a secret, and so registered for Basic. */
export function sentBy(events: readonly AuditEvent[], isConfidential: boolean): string {
  const granted = events.filter(({ type }) => type === 'authorization.granted');
  const issued = events.filter(({ type }) => type === 'token.issued');
  const methods = issued.map(({ details }) => String(details?.auth_method ?? 'client_secret_basic'));
  const said = [
    granted.some(({ details }) => details?.pkce !== false) && 'PKCE',
    granted.some(({ details }) => details?.nonce !== false) && 'nonce',
    ...new Set(isConfidential ? methods.map((method) => ways[method]) : []),
  ];
  return said.filter(Boolean).join(', ');
}
