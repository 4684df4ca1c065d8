/** Where a command on the server's own machine reaches it. */
import type { Settings } from '../config/settings-schema.ts';

/** The origin at which this machine reaches the server of these settings without DNS and proxy: for a question with `isHere`. */
export function addressHere({ tls_cert, listen }: Pick<Settings, 'tls_cert' | 'listen'>): string {
  const host = reachableHost(listen.host);
  const written = host.includes(':') ? `[${host}]` : host;
  return `${tls_cert === undefined ? 'http' : 'https'}://${written}:${listen.port}`;
}

/** The host at which this machine reaches a server that listens on `host`; loopback for all addresses. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
