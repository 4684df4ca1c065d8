/**
 * TLS connections to hosts that clients chose: the bytes that one may receive are bounded, of whichever TLS record type
 * they are.
 */
import { Agent, type AgentOptions } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/**
 * Received until the handshake is done. Certificate chains of public authorities have 2 to 10 kB; OpenSSL accepts 100 kB,
 * and checks each signature in it within one turn of the event loop: 3 ms for 500 bytes on P-521.
 */
const LIMIT_HANDSHAKE_BYTES = 16_384;
/**
 * Received on the whole connection. HelloRequest, KeyUpdate and NewSessionTicket may be sent without limit, and no code
 * above TLS sees them. RFC 5246 §7.4.1.1, RFC 8446 §4.6
 */
const LIMIT_BYTES = 262_144;

/** An agent for https that opens one connection for each request. */
export function createBoundedAgent(): Agent {
  return Object.assign(new Agent(), { createConnection: connectBounded });
}

/** Counts bytes below TLS, because OpenSSL processes every byte that is read. */
function connectBounded(options: AgentOptions & ConnectionOptions) {
  const { host, port = 443, lookup } = options;
  const socket = connectTcp({ port, ...(host !== undefined && { host }), ...(lookup && { lookup }) });
  const bounds = { most: LIMIT_HANDSHAKE_BYTES };
  const secure = connectTls({ ...options, socket: boundedStream(socket, bounds) });
  secure.once('secureConnect', () => {
    bounds.most = LIMIT_BYTES;
  });
  secure.once('close', () => socket.destroy());
  return secure;
}

/** Passes on what the socket receives, and fails once that is more than the bound. */
function boundedStream(socket: Socket, bounds: { readonly most: number }): Duplex {
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (socket.bytesRead > bounds.most) {
      stream.destroy(
        new Error(`it sent more than ${bounds.most} bytes of TLS around a short answer, or none`),
      );
    } else if (!stream.push(chunk)) socket.pause();
  });
  socket.once('end', () => stream.push(null));
  socket.once('error', (error) => stream.destroy(error));
  return stream;
}
