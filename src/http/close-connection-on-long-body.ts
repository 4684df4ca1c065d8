/** A request whose body is limited in bytes and in pieces, whether or not a handler reads it. */
import { IncomingMessage } from 'node:http';
import type { UnderWay } from './limit-requests-in-progress.ts';

/** Of a body that is too long or not needed, this much is still read, so that a client that gets the error can keep the connection. */
const MOST_BYTES = 131_072;
/** Each chunk and each TLS record is a piece, and a piece of one byte costs as much time as one of hundreds. RFC 9112 §7.1 */
const MOST_PIECES = 2048;
/** Bytes for chunk extensions, and for the start of the next request in the same read. RFC 9112 §7.1.1 */
const MOST_FRAMING_BYTES = 98_304;

/** The class for the option `IncomingMessage` of Node's servers. */
export function boundRequests(underWay: UnderWay): typeof IncomingMessage {
  return class BoundedRequest extends IncomingMessage {
    #bytes = 0;
    #pieces = 0;
    #readBefore = 0;

    /** Node calls this with each piece of the body, and with null at its end; the handler that waits for the end then runs. */
    override push(piece: Buffer | null): boolean {
      if (piece === null) return this.#end();
      if (!this.#isTooMuch(piece)) return super.push(piece);
      this.socket.destroy();
      return false;
    }

    /** Node calls this when the answer is sent and no handler read the body. Node's own method discards the rest uncounted. */
    _dump(): void {
      this.resume();
    }

    #end(): boolean {
      // A request without a body was counted and queued when it arrived, just now.
      const hasBody = this.#pieces > 0 || this.headers['transfer-encoding'] !== undefined;
      if (!hasBody) return super.push(null);
      underWay.endOfBody(this, () => super.push(null));
      return false;
    }

    #isTooMuch(piece: Buffer): boolean {
      const { bytesRead } = this.socket;
      if (this.#pieces === 0) this.#readBefore = bytesRead;
      this.#pieces += 1;
      this.#bytes += piece.length;
      return (
        this.#bytes > MOST_BYTES ||
        this.#pieces > MOST_PIECES ||
        bytesRead - this.#readBefore > this.#bytes + MOST_FRAMING_BYTES
      );
    }
  };
}
