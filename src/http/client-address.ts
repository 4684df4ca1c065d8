/** The client's address: the socket's, unless a proxy that the operator trusts names another. RFC 9700 §4.13 */

import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type AddressRange, isInRanges } from '../lib/ip-address-checks.ts';

export type ForwardedFor = string | readonly string[] | undefined;

/** The right-most address in X-Forwarded-For that is not a trusted proxy's own. */
export function clientAddress(
  peer: string,
  forwardedFor: ForwardedFor,
  trusted: readonly AddressRange[],
): string {
  const hop = lastUntrustedHop(peer, forwardedFor, trusted);
  return plainAddress(hop !== undefined && ipaddr.isValid(hop) ? hop : peer);
}

/** The text that a trusted proxy wrote in place of an address; undefined where it wrote an address. */
export function malformedHop(
  peer: string,
  forwardedFor: ForwardedFor,
  trusted: readonly AddressRange[],
): string | undefined {
  const hop = lastUntrustedHop(peer, forwardedFor, trusted);
  return hop === undefined || ipaddr.isValid(hop) ? undefined : hop;
}

/** The right-most entry that is not a trusted proxy's, whether it is an address or not. */
function lastUntrustedHop(
  peer: string,
  forwardedFor: ForwardedFor,
  trusted: readonly AddressRange[],
): string | undefined {
  if (forwardedFor === undefined || !isInRanges(peer, trusted)) return undefined;
  return hopsOf(forwardedFor).findLast((hop) => !(ipaddr.isValid(hop) && isInRanges(hop, trusted)));
}

/** The entries of X-Forwarded-For, the one farthest from us first. */
export function hopsOf(forwardedFor: ForwardedFor): string[] {
  if (forwardedFor === undefined) return [];
  return [forwardedFor].flat().join(',').split(',').map(withoutPort);
}

const QUOTED = /^"(?<inner>[^"]*)"$/;
const BRACKETED = /^\[(?<address>[^\]]*)\](?::\d{1,5})?$/;
const V4_WITH_PORT = /^(?<address>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):\d{1,5}$/;

/** Azure's gateway, IIS and load balancers that preserve ports write the port too, and IPv6 in brackets. */
function withoutPort(hop: string): string {
  const text = hop.trim();
  const bare = QUOTED.exec(text)?.groups?.inner ?? text;
  return (BRACKETED.exec(bare) ?? V4_WITH_PORT.exec(bare))?.groups?.address ?? bare;
}

/** One canonical text for each address. */
export function plainAddress(address: string): string {
  if (isIPv4(address)) return address;
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : 'unknown';
}
