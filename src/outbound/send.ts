/**
 * The one way out: requests to addresses that clients gave us. https, to public addresses alone, the address that was
 * looked at is the one that is connected to, no redirects, little time, little to read. OWASP SSRF, RFC 9700 §4.15
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
import { ConfigurationError } from '../config/error.ts';
import { readPem } from '../config/load.ts';
import type { Settings } from '../config/schema.ts';
import { type AddressRange, isInRanges, isLoopback, isPublic } from '../lib/ip.ts';
import { ciphersWithoutPrimes, keyExchangeGroups } from '../lib/key-exchange.ts';
import { createBoundedAgent } from './bounded-connection.ts';
import { createPlaces } from './concurrency-limits.ts';
import { createNames, type Names } from './resolve-names.ts';

/** Of a whole request, with what it waits for a place. */
const LIMIT_MS = 3000;
const LIMIT_BYTES = 65_536;
/** Of all that comes, with what is around the body: its heads, and how it is cut into chunks. */
const LIMIT_SENT_BYTES = 98_304;
/** More than a node tells of sign-outs at once (notify/delivery-queue.ts); who answers within a second is never pushed out. */
const BOUNDS = { total: 512, each: 16, waitingEach: 128, waiting: 2048, fairMs: 1000 };

export interface OutboundRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** The client whose URL it is registered itself: nobody vouches for it, so its requests have places of their own. */
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

/** Throws {@link OutboundRefusedError} for where we do not go, Error for what did not answer as it should. */
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

/** Whom we trust, read once: to read all of the authorities for each request takes the event loop 10 ms and more. */
function readTrust(outbound_ca: string | undefined): SecureContext {
  const ca = outbound_ca === undefined ? undefined : [...rootCertificates, readAuthority(outbound_ca)];
  return createSecureContext({
    ca,
    ciphers: ciphersWithoutPrimes,
    ecdhCurve: keyExchangeGroups,
    // RFC 5246 §7.4.1.1: a host could ask for one handshake after another, each as dear as the first.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}

/** `limitMs` is for the whole of a request. */
export function createOutbound(settings: Settings, limitMs = LIMIT_MS, newNames = createNames): Outbound {
  const allowed = readAllowed(settings.outbound_allow);
  const secureContext = readTrust(settings.outbound_ca);
  const agent = createBoundedAgent();
  // Whoever registers itself may name anybody's host, a path of it that hangs, and names below it that nobody answers.
  const newWay = () => ({ names: newNames(), places: createPlaces({ ...BOUNDS, limitMs }) });
  const [strangers, operators] = [newWay(), newWay()];
  return async ({ url, method, selfRegistered, headers = {}, body, accept }) => {
    const target = new URL(url);
    refuseTarget(target, settings.development);
    refuseLiteral(target.hostname, allowed);
    const isSecure = target.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    const { names, places } = selfRegistered ? strangers : operators;
    return places.run(target.hostname, (over) => {
      const options = {
        method,
        headers: { ...headers, ...(accept !== undefined && { accept }) },
        lookup: pinnedLookup(names, target.hostname, allowed),
        agent: isSecure && agent,
        signal: over,
        secureContext,
      };
      return receive(send(target, options), body);
    });
  };
}

/** Hosts by name, networks by address. */
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

/** What is an address already is not looked up, but connected to at once. */
function refuseLiteral(hostname: string, allowed: Allowed): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(address) && !mayReach(address, hostname, allowed)) throw notPublic(hostname, address);
}

/** The addresses that passed are those that are connected to: a second answer of the name server changes nothing. */
function pinnedLookup(names: Names, hostname: string, allowed: Allowed): LookupFunction {
  return (name, options, callback) => {
    names.resolve(name).then(
      (addresses) => {
        const barred = addresses.find(({ address }) => !mayReach(address, hostname, allowed));
        const [first] = addresses;
        if (barred || !first) return callback(notPublic(hostname, barred?.address ?? 'no address'), '', 0);
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
    // Of a socket that it does not have any more, or not yet, the request hears nothing, and nobody else listens.
    sent.once('socket', (socket) => socket.on('error', reject));
    const closed = () => reject(new Error('the connection was closed before an answer'));
    sent.once('close', closed);
    limitSent(sent, reject);
    sent.once('response', (answer) => {
      // Reading fails by itself where the connection is closed too early.
      sent.off('close', closed);
      readBody(answer).then(resolve, reject);
    });
    // RFC 9110 §15.2.2: we offered no other protocol. Node takes the connection out of the request's hands here.
    sent.once('upgrade', (answer, socket) => {
      reject(new Error(`it answered ${answer.statusCode}, to speak another protocol`));
      socket.destroy();
    });
    sent.end(body);
  });
}

/**
 * Interim answers and extensions of chunks have no end of their own, and Node reads them as fast as they come: 16 such
 * hosts were 2.8 s in which hardly anybody else was answered. RFC 9110 §15.2, RFC 9112 §7.1.1
 */
function limitSent(sent: ClientRequest, refuse: (error: Error) => void): void {
  let bytes = 0;
  sent.once('socket', (socket) =>
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LIMIT_SENT_BYTES) return;
      refuse(new Error(`it sent more than ${LIMIT_SENT_BYTES} bytes around a short answer, or none`));
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
