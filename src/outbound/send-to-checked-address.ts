/**
 * Sends requests to URLs that clients registered; no other file sends any to them. https only, public addresses only, the
 * checked address is the one that is connected to, no redirects, bounded time, bounded answer. OWASP SSRF, RFC 9700 §4.15
 */
import { constants, X509Certificate } from 'node:crypto';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { ConfigurationError } from '../config/configuration-error.ts';
import { readPem } from '../config/read-pem.ts';
import type { Settings } from '../config/settings-schema.ts';
import { type AddressRange, isInRanges, isLoopback, isPublic } from '../lib/ip-address-checks.ts';
import { ciphersWithoutPrimes, keyExchangeGroups } from '../lib/tls-key-exchange.ts';
import { createSlots } from './concurrency-limits.ts';
import { createNames, type Names } from './resolve-host-names.ts';
import { createBoundedAgent } from './tls-connection-with-byte-limit.ts';

/** For a whole request, including the wait for a slot. */
const LIMIT_MS = 3000;
const LIMIT_BYTES = 65_536;
/** For all received bytes: the body, the heads of final and interim answers, and the chunk framing. */
const LIMIT_RECEIVED_BYTES = 98_304;
/**
 * More than the logout notifications that a node sends at once (notify/delivery-queue.ts). A request answered within a
 * second is never aborted for another.
 */
const BOUNDS = { total: 512, each: 16, waitingEach: 128, waiting: 2048, fairMs: 1000 };

export interface OutboundRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** The client that named the URL registered itself: no operator approved it, so its requests have slots of their own. */
  readonly selfRegistered: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The Accept header. */
  readonly accept?: string;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most 64 KiB. */
  readonly body: Buffer;
}

/** Throws {@link OutboundRefusedError} for an address that may not be reached, Error where no usable answer arrives. */
export type Outbound = (request: OutboundRequest) => Promise<OutboundAnswer>;

/** The message says what was refused and what to set. */
export class OutboundRefusedError extends Error {}

interface Allowed {
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly AddressRange[];
}

function readAuthority(file: string): string {
  const text = readPem('outbound_ca', file);
  try {
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new ConfigurationError(
      `outbound_ca (${file}) is no certificate (${(error as Error).message}); name a PEM file`,
    );
  }
}

/** The trusted authorities, read once: reading all of them for each request takes 10 ms or more of the event loop. */
function readTrustedAuthorities(outbound_ca: string | undefined): SecureContext {
  const ca = outbound_ca === undefined ? undefined : [...rootCertificates, readAuthority(outbound_ca)];
  return createSecureContext({
    ca,
    ciphers: ciphersWithoutPrimes,
    ecdhCurve: keyExchangeGroups,
    // RFC 5246 §7.4.1.1: a host could request one handshake after another, each as expensive as the first.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}

/** `limitMs` is the time for a whole request. */
export function createOutbound(settings: Settings, limitMs = LIMIT_MS, newNames = createNames): Outbound {
  const allowed = readAllowed(settings.outbound_allow);
  const secureContext = readTrustedAuthorities(settings.outbound_ca);
  const agent = createBoundedAgent();
  // A self-registered client may name another party's host, a path on it that never answers, and subdomains whose name
  // server never answers.
  const newLimits = () => ({ names: newNames(), slots: createSlots({ ...BOUNDS, limitMs }) });
  const [ofSelfRegistered, ofOperators] = [newLimits(), newLimits()];
  return async ({ url, method, selfRegistered, headers = {}, body, accept }) => {
    const target = new URL(url);
    refuseTarget(target, settings.development);
    refuseLiteral(target.hostname, allowed);
    const isSecure = target.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    const { names, slots } = selfRegistered ? ofSelfRegistered : ofOperators;
    return slots.run(target.hostname, (signal) => {
      const options = {
        method,
        headers: { ...headers, ...(accept !== undefined && { accept }) },
        lookup: pinnedLookup(names, target.hostname, allowed),
        agent: isSecure && agent,
        signal,
        secureContext,
      };
      return receive(send(target, options), body);
    });
  };
}

/** Separates host names from address ranges. */
function readAllowed(items: Settings['outbound_allow']): Allowed {
  return {
    hosts: new Set(items.filter((item) => typeof item === 'string')),
    ranges: items.filter((item) => typeof item !== 'string'),
  };
}

function refuseTarget(target: URL, development: boolean): void {
  if (target.username !== '' || target.password !== '')
    throw new OutboundRefusedError(`${target.host}: a URL with a user name`);
  if (target.protocol === 'https:') return;
  const isOwnMachine = development && target.protocol === 'http:' && isLoopbackName(target.hostname);
  if (!isOwnMachine) throw new OutboundRefusedError(`${target.protocol}//${target.host} is not https`);
}

function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/** Node connects to a literal address without a lookup, so it is checked here. */
function refuseLiteral(hostname: string, allowed: Allowed): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(address) && !mayReach(address, hostname, allowed)) throw notPublic(hostname, address);
}

/** Gives Node the addresses that were checked, so that a second answer of the name server changes nothing (DNS rebinding). */
function pinnedLookup(names: Names, hostname: string, allowed: Allowed): LookupFunction {
  return (name, options, callback) => {
    names.resolve(name).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !mayReach(address, hostname, allowed));
        const [first] = addresses;
        if (refused || !first) return callback(notPublic(hostname, refused?.address ?? 'no address'), '', 0);
        if (options.all) return callback(null, [...addresses]);
        return callback(null, first.address, first.family);
      },
      (error) => callback(error, '', 0),
    );
  };
}

function mayReach(address: string, hostname: string, { hosts, ranges }: Allowed): boolean {
  if (hosts.has(hostname.toLowerCase()) || isInRanges(address, ranges)) return true;
  return isPublic(address);
}

function notPublic(hostname: string, address: string): OutboundRefusedError {
  return new OutboundRefusedError(
    `${hostname} is at ${address}, which is no public address; if it is meant, add it to outbound_allow`,
  );
}

function receive(sent: ClientRequest, body: string | undefined): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    // The request emits no errors of a socket that it no longer has, or does not have yet.
    sent.once('socket', (socket) => socket.on('error', reject));
    const closed = () => reject(new Error('the connection was closed before an answer'));
    sent.once('close', closed);
    limitReceived(sent, reject);
    sent.once('response', (answer) => {
      // From here on, readBody rejects where the connection is closed too early.
      sent.off('close', closed);
      readBody(answer).then(resolve, reject);
    });
    // RFC 9110 §15.2.2: we offered no other protocol. Node detaches the socket from the request here.
    sent.once('upgrade', (answer, socket) => {
      reject(new Error(`it answered ${answer.statusCode}, to speak another protocol`));
      socket.destroy();
    });
    sent.end(body);
  });
}

/**
 * Interim answers and chunk extensions may be sent without limit, and Node reads them as fast as they arrive: with 16
 * such hosts, hardly any other request was answered for 2.8 s. RFC 9110 §15.2, RFC 9112 §7.1.1
 */
function limitReceived(sent: ClientRequest, refuse: (error: Error) => void): void {
  let bytes = 0;
  sent.once('socket', (socket) =>
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LIMIT_RECEIVED_BYTES) return;
      refuse(new Error(`it sent more than ${LIMIT_RECEIVED_BYTES} bytes around a short answer, or none`));
      socket.destroy();
    }),
  );
}

async function readBody(answer: IncomingMessage): Promise<OutboundAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) {
      answer.destroy();
      throw new Error(`the answer is longer than ${LIMIT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}
