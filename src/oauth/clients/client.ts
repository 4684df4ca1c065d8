/** A client as the rules read it. */
import type { ProfileName } from '../../config/client-protocol-profiles.ts';
import type { ClientSecrets } from './live-secret-hashes.ts';
import type { ClientMetadata } from './metadata-shape.ts';

export interface Client {
  readonly client_id: string;
  readonly profile: ProfileName;
  readonly metadata: ClientMetadata;
  /** The metadata as they are stored. */
  readonly metadataText: string;
  /** SHA-256 of all that can be registered: a request that began with another hash began with another client. */
  readonly metadataHash: string;
  /** RFC 6749 §2.1 */
  readonly confidential: boolean;
  readonly disabled: boolean;
  /** SHA-256 of its registration access token, where it registered itself (RFC 7591). */
  readonly registrationTokenHash: string | undefined;
  /** When it last got a token, to the day; only known where it registered itself. */
  readonly lastUsedMs: number | undefined;
  readonly secrets: ClientSecrets;
  readonly createdAtMs: number;
  /** Raised when it is disabled: what it was granted before is over. */
  readonly epoch: number;
  /** At this revision it was so; undefined where it was not asked. */
  readonly asOf?: number;
}

/** Whether nothing that an operator or the client itself can change differs. */
export function isSameClient(one: Client, other: Client): boolean {
  return comparable(one) === comparable(other);
}

function comparable({ metadataHash, disabled, secrets, createdAtMs, epoch }: Client): string {
  return JSON.stringify([metadataHash, disabled, secrets, createdAtMs, epoch]);
}
