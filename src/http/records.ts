/** The records of TLS, counted against what HTTP gets of them. RFC 8446 §4.6.3, §5.1 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Tap } from './tap.ts';

/** After the hello; honest clients need 4 kB. */
const MOST_OF_HANDSHAKE = 16_384;
/**
 * What a record costs, in bytes that HTTP has to get. OpenSSL takes 5 µs for a KeyUpdate, which has no end and of which
 * nobody above TLS hears: 100 sockets with 67 kB of them were 1.35 s in which nobody else was served.
 */
const COST = { ofNothing: 256, ofSomething: 16 };
/** 64 KeyUpdates that no request pays for (BoringSSL takes 32 in a row), or a thousand records of one byte. */
const MOST_OWED = 16_384;
const HEADER = 5;

/** What Node's TLS is given bytes with. */
type Receiver = TLSSocket & { readonly _handle: { receive(bytes: Buffer): void } | null };

/** Ends a connection whose records bring HTTP too little; `begun` is what TLS has already. */
export function boundRecords(tap: Tap, socket: Socket, secure: TLSSocket, begun: Buffer): void {
  const record = createRecord();
  const judge = createJudge(secure);
  for (let at = 0; at < begun.length; ) at = record.follow(begun, at);
  tap(socket, (bytes) => {
    for (let at = 0; at < bytes.length && !secure.destroyed; ) {
      const end = record.follow(bytes, at);
      const part = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
      (secure as Receiver)._handle?.receive(part);
      judge(part.length, record.isOver());
      at = end;
    }
  });
}

/** Told of each part of a record once TLS has had it. */
function createJudge(secure: TLSSocket): (bytes: number, isRecordOver: boolean) => void {
  let ofHandshake: number | undefined = 0;
  let heard = 0;
  let owed = 0;
  secure.once('secure', () => {
    ofHandshake = undefined;
  });
  return (bytes, isRecordOver) => {
    if (ofHandshake !== undefined) {
      ofHandshake += bytes;
      if (ofHandshake > MOST_OF_HANDSHAKE) secure.destroy();
    } else if (isRecordOver) {
      const got = secure.bytesRead - heard;
      heard += got;
      owed = Math.max(0, owed + (got === 0 ? COST.ofNothing : COST.ofSomething) - got);
      if (owed > MOST_OWED) secure.destroy();
    }
  };
}

/** The record that comes now. */
function createRecord() {
  let headerLeft = 0;
  let length = 0;
  let left = 0;
  const isOver = () => headerLeft === 0 && left === 0;
  return {
    isOver,
    /** Goes on with what came from `start`, to the end of the record or of the bytes, and tells where that is. */
    follow(bytes: Buffer, start: number): number {
      if (isOver()) headerLeft = HEADER;
      let at = start;
      for (; headerLeft > 0 && at < bytes.length; at += 1) {
        // The length is in its last two bytes.
        length = ((length << 8) | (bytes[at] ?? 0)) & 0xffff;
        headerLeft -= 1;
        if (headerLeft === 0) left = length;
      }
      const body = Math.min(left, bytes.length - at);
      left -= body;
      return at + body;
    },
  };
}
