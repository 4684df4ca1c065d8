/** The first message of a TLS client, whose length is looked at before TLS looks at anything else. RFC 8446 §4, §5.1 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Honest ones have 2 kB at most, but for tickets. OpenSSL looks for the group of each key share in the list of all that
 * the client knows, and takes 131 kB: a hello of 65 kB was 90 ms of the event loop.
 */
const LONGEST_HELLO = 16_384;
const HANDSHAKE = 22;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** Who cuts those four bytes into more records than this means nothing good. */
const MOST_LOOKED_AT = 256;

/** Hands a connection on to TLS once its hello is known to be short, for which it has `withinMs`. */
export function boundHellos(server: Server, withinMs: number): Server {
  const takers = server.listeners('connection');
  return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    awaitHello(socket, withinMs, () => {
      for (const take of takers) take.call(server, socket);
    });
  });
}

function awaitHello(socket: Socket, withinMs: number, handOn: () => void): void {
  const destroy = () => socket.destroy();
  const overdue = setTimeout(destroy, withinMs);
  socket.once('close', () => clearTimeout(overdue)).on('error', destroy);
  socket.once('end', destroy);
  let bytes = Buffer.alloc(0);
  socket.on('readable', function look() {
    bytes = Buffer.concat([bytes, socket.read() ?? Buffer.alloc(0)]);
    const length = lengthOfHello(bytes);
    if (length === undefined && bytes.length < MOST_LOOKED_AT) return;
    if (length === undefined || length > LONGEST_HELLO) return destroy();
    clearTimeout(overdue);
    socket.off('readable', look).off('end', destroy);
    socket.unshift(bytes);
    handOn();
  });
}

/** Undefined where more has to come; 0 for what is no handshake, which TLS refuses by itself. */
function lengthOfHello(bytes: Buffer): number | undefined {
  let message = Buffer.alloc(0);
  for (let at = 0; at + RECORD_HEADER <= bytes.length; ) {
    if (bytes[at] !== HANDSHAKE) return 0;
    const start = at + RECORD_HEADER;
    at = start + bytes.readUInt16BE(start - 2);
    message = Buffer.concat([message, bytes.subarray(start, Math.min(at, start + MESSAGE_HEADER))]);
    if (message.length >= MESSAGE_HEADER) return message.readUIntBE(1, 3);
  }
  return undefined;
}
