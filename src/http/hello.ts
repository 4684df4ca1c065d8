/** The first message of a TLS client, whose length is looked at before TLS looks at anything else. RFC 8446 §4, §5.1 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Turns } from './turns.ts';

/**
 * Honest ones have 2 kB at most, but for tickets. OpenSSL looks for the group of each key share in the list of all that
 * the client knows, and takes 131 kB: a hello of 65 kB was 90 ms of the event loop.
 */
const LONGEST_HELLO = 16_384;
const HANDSHAKE = 22;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** Of headers of records, which may hold a byte each. */
const MOST_AROUND = 16_384;

/**
 * Hands a connection on to TLS once its hello is there and short, for which it has `withinMs`. OpenSSL takes half a
 * millisecond for each, so they come in turns: a thousand whose last bytes come at once are no halt of half a second.
 */
export function boundHellos(server: Server, withinMs: number, turns: Turns): Server {
  const takers = server.listeners('connection');
  return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    awaitHello(socket, withinMs, (hello) =>
      turns.take(socket, () => {
        socket.unshift(hello);
        for (const take of takers) take.call(server, socket);
      }),
    );
  });
}

function awaitHello(socket: Socket, withinMs: number, handOn: (hello: Buffer) => void): void {
  const destroy = () => socket.destroy();
  const overdue = setTimeout(destroy, withinMs);
  socket.once('close', () => clearTimeout(overdue)).on('error', destroy);
  socket.once('end', destroy);
  let bytes = Buffer.alloc(0);
  socket.on('readable', function look() {
    bytes = Buffer.concat([bytes, socket.read() ?? Buffer.alloc(0)]);
    const state = stateOfHello(bytes);
    if (state === 'refused') return destroy();
    if (state === 'begun') return;
    clearTimeout(overdue);
    socket.off('readable', look).off('end', destroy);
    handOn(bytes);
  });
}

function stateOfHello(bytes: Buffer): 'begun' | 'whole' | 'refused' {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return 'refused';
  let head = Buffer.alloc(0);
  let read = 0;
  for (let at = 0; at + RECORD_HEADER <= bytes.length; ) {
    if (bytes[at] !== HANDSHAKE) return 'refused';
    const start = at + RECORD_HEADER;
    at = start + bytes.readUInt16BE(start - 2);
    const part = bytes.subarray(start, at);
    read += part.length;
    const missing = MESSAGE_HEADER - head.length;
    if (missing > 0) head = Buffer.concat([head, part.subarray(0, missing)]);
    const length = head.length < MESSAGE_HEADER ? 0 : head.readUIntBE(1, 3);
    if (length > LONGEST_HELLO) return 'refused';
    if (head.length === MESSAGE_HEADER && read >= MESSAGE_HEADER + length) return 'whole';
  }
  return bytes.length > read + MOST_AROUND ? 'refused' : 'begun';
}
