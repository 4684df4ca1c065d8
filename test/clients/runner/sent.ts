/** How a client asked, as `gatehouse doctor --client` tells it too: from the audit log. */
import type { AuditEvent } from './provider.ts';

export function sentBy(events: readonly AuditEvent[]): string {
  const granted = events.filter(({ type }) => type === 'authorization.granted');
  if (granted.length === 0) return '';
  const proofs = [
    granted.some(({ details }) => details?.pkce !== false) && 'PKCE',
    granted.some(({ details }) => details?.nonce !== false) && 'nonce',
  ];
  return proofs.filter(Boolean).join(', ') || 'neither';
}
