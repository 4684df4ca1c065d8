/** What comes over a socket before Node's TLS has it. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ConfigurationError } from '../config/load.ts';

/** Node's own parser of HTTP, of its files lib/_http_common.js and src/node_http_parser.cc. */
interface Parser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): unknown;
  consume(handle: object): void;
  close(): void;
  [callback: number]: unknown;
}

interface ParserClass {
  new (): Parser;
  readonly prototype: Parser;
  readonly RESPONSE: number;
  readonly kOnBody: number;
  readonly kOnExecute: number;
}

const HEAD = Buffer.from('HTTP/1.1 200 OK\r\n\r\n');

/** Hands each piece that comes to `hear`, instead of to whoever reads the socket's handle now. */
export type Tap = (socket: Socket, hear: (bytes: Buffer) => void) => void;

/**
 * TLS reads a handle itself, in C++. The one thing that JavaScript can put before it is a parser of HTTP: of one that is in
 * the middle of an answer which ends with the connection, all that comes is its body; ends, errors and what is written pass
 * it by (MEASURED: 2 µs for each piece, and 40 for TLS over a stream of JavaScript's). RFC 9112 §6.3
 * Throws {@link ConfigurationError} where this Node has no such thing.
 */
export function createTap(): Tap {
  const HttpParser = findParserClass();
  return (socket, hear) => {
    const parser = new HttpParser();
    parser.initialize(HttpParser.RESPONSE, {});
    parser[HttpParser.kOnBody] = hear;
    // With it Node runs what is to run after a callback.
    parser[HttpParser.kOnExecute] = () => {};
    parser.execute(HEAD);
    parser.consume((socket as Socket & { readonly _handle: object })._handle);
    // Not while it still runs.
    socket.once('close', () => setImmediate(() => parser.close()));
  };
}

/** That of a connection which a server took. */
function findParserClass(): ParserClass {
  const connection = new Duplex({ read() {} }) as Duplex & { parser?: Parser };
  createServer().emit('connection', connection);
  const found = connection.parser?.constructor as ParserClass | undefined;
  connection.destroy();
  if (typeof found?.prototype.consume === 'function') return found;
  throw new ConfigurationError(
    `tls_cert: Node ${process.version} lets nobody count what comes before TLS; run one that package.json names, or have a proxy serve TLS`,
  );
}
