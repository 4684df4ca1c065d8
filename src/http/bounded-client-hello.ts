/** Checks the length of a TLS ClientHello before TLS parses it. RFC 8446 §4, §5.1 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FairQueue } from './fair-queue.ts';

/**
 * Usual ones have at most 2 kB without tickets. OpenSSL accepts 131 kB, and searches the list of the client's groups for the
 * group of each key share: a hello of 65 kB took 90 ms of the event loop.
 */
const LONGEST_HELLO = 16_384;
const HANDSHAKE = 22;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** Bytes of record headers: a record may hold a single byte. */
const MOST_FRAMING_BYTES = 16_384;

/**
 * Passes a connection to TLS once its hello is complete and short; it is closed after `withinMs` without one. OpenSSL takes
 * half a millisecond for each, so they go through the fair queue: a thousand that complete at once must not stop the event
 * loop for half a second.
 */
export function boundHellos(server: Server, withinMs: number, fairQueue: FairQueue): Server {
  const listeners = server.listeners('connection');
  return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    awaitHello(socket, withinMs, (hello) =>
      fairQueue.take(socket, () => {
        socket.unshift(hello);
        for (const listener of listeners) listener.call(server, socket);
      }),
    );
  });
}

function awaitHello(socket: Socket, withinMs: number, done: (hello: Buffer) => void): void {
  const destroy = () => socket.destroy();
  const overdue = setTimeout(destroy, withinMs);
  socket.once('close', () => clearTimeout(overdue)).on('error', destroy);
  socket.once('end', destroy);
  const chunks: Buffer[] = [];
  const parse = createHelloParser();
  socket.on('readable', function read() {
    const chunk: Buffer = socket.read() ?? Buffer.alloc(0);
    chunks.push(chunk);
    const state = parse(chunk);
    if (state === 'refused') destroy();
    if (state !== 'whole') return;
    clearTimeout(overdue);
    socket.off('readable', read).off('end', destroy);
    done(Buffer.concat(chunks));
  });
}

/** Reads each byte once, however many reads and records it takes: parsing all of them at each read took seconds. */
function createHelloParser(): (chunk: Buffer) => 'begun' | 'whole' | 'refused' {
  let record: Buffer = Buffer.alloc(0);
  let message: Buffer = Buffer.alloc(0);
  let leftOfRecord = 0;
  let [bytes, read] = [0, 0];

  return (chunk) => {
    bytes += chunk.length;
    for (let rest = chunk; rest.length > 0; ) {
      if (leftOfRecord === 0) {
        const header = extended(record, RECORD_HEADER, rest);
        rest = rest.subarray(header.length - record.length);
        if (header[0] !== HANDSHAKE) return 'refused';
        const isWhole = header.length === RECORD_HEADER;
        if (isWhole) leftOfRecord = header.readUInt16BE(RECORD_HEADER - 2);
        record = isWhole ? Buffer.alloc(0) : header;
        continue;
      }
      const part = rest.subarray(0, leftOfRecord);
      rest = rest.subarray(part.length);
      leftOfRecord -= part.length;
      read += part.length;
      message = extended(message, MESSAGE_HEADER, part);
      const length = message.length < MESSAGE_HEADER ? 0 : message.readUIntBE(1, 3);
      if (length > LONGEST_HELLO) return 'refused';
      if (message.length === MESSAGE_HEADER && read >= MESSAGE_HEADER + length) return 'whole';
    }
    return bytes > read + MOST_FRAMING_BYTES ? 'refused' : 'begun';
  };
}

/** The header, extended by bytes of `from` up to `size`. */
function extended(header: Buffer, size: number, from: Buffer): Buffer {
  if (header.length === size) return header;
  return Buffer.concat([header, from.subarray(0, size - header.length)]);
}
