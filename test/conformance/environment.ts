/** How Gatehouse runs for the plans: https, anybody may register, and fetches may go to this machine. */
import { join } from 'node:path';

export interface Place {
  readonly host: string;
  readonly port: number;
  /** The address to listen on. */
  readonly address: string;
  readonly directory: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly masterKey: string;
}

export function conformanceEnvironment(place: Place): Record<string, string> {
  return {
    GATEHOUSE_ISSUER: `https://${place.host}:${place.port}`,
    GATEHOUSE_LISTEN: `${place.address}:${place.port}`,
    GATEHOUSE_DATABASE: `sqlite:${join(place.directory, 'gatehouse.db')}`,
    GATEHOUSE_MASTER_KEY: place.masterKey,
    GATEHOUSE_TLS_CERT: place.certFile,
    GATEHOUSE_TLS_KEY: place.keyFile,
    GATEHOUSE_REGISTRATION: 'open',
    GATEHOUSE_UNFINISHED_PROFILES: 'true',
    GATEHOUSE_OUTBOUND_ALLOW: `localhost 127.0.0.0/8 ::1/128 ${place.host}`,
    GATEHOUSE_OUTBOUND_CA: place.certFile,
  };
}
