/** Connections to strangers' hosts that take a bounded number of bytes, whatever they are to TLS. */
import { Agent, type AgentOptions } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/**
 * Until the handshake is done. Public authorities' chains have 2 to 10 kB; OpenSSL takes 100 kB, and checks each
 * signature of it in one turn of the event loop: 3 ms for 500 bytes on P-521.
 */
const LIMIT_HANDSHAKE_BYTES = 16_384;
/**
 * In all. HelloRequest, KeyUpdate and NewSessionTicket have no end of their own, and nobody above TLS sees them.
 * RFC 5246 §7.4.1.1, RFC 8446 §4.6
 */
const LIMIT_BYTES = 262_144;

/** Connects for https, one connection for each request. */
export function createBoundedAgent(): Agent {
  return Object.assign(new Agent(), { createConnection: connectBounded });
}

/** Bytes are counted below TLS: each one read is one that OpenSSL has to work at. */
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

/** What the socket gives, until it gave too much. */
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
