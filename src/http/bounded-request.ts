/** A request whose body has an end for us, in bytes and in pieces, whoever reads it, and where nobody does. */
import { IncomingMessage } from 'node:http';
import type { UnderWay } from './requests-under-way.ts';

/** Of a body that is too long, or that nobody wants, so much is still read: who hears why may go on with the connection. */
const MOST_BYTES = 131_072;
/** Each chunk, and each TLS record, is a piece, and a piece of one byte costs as much as hundreds. RFC 9112 §7.1 */
const MOST_PIECES = 2048;
/** Extensions of chunks, beside what a read of the socket brings of the next request. RFC 9112 §7.1.1 */
const MOST_AROUND = 98_304;

/** For the option IncomingMessage of Node's servers. */
export function boundRequests(underWay: UnderWay): typeof IncomingMessage {
  return class BoundedRequest extends IncomingMessage {
    #bytes = 0;
    #pieces = 0;
    #readBefore = 0;

    /** Each piece of the body comes here first, and then its end, after which whoever waited for it goes on. */
    override push(piece: Buffer | null): boolean {
      if (piece === null) return this.#end();
      if (!this.#isTooMuch(piece)) return super.push(piece);
      this.socket.destroy();
      return false;
    }

    /** What Node calls where nobody read the body and the answer is sent. Its own throws away the rest without a count. */
    _dump(): void {
      this.resume();
    }

    #end(): boolean {
      // Without a body the request itself came just now, and has its turn.
      const hasBody = this.#pieces > 0 || this.headers['transfer-encoding'] !== undefined;
      if (!hasBody) return super.push(null);
      underWay.goOn(this, () => super.push(null));
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
        bytesRead - this.#readBefore > this.#bytes + MOST_AROUND
      );
    }
  };
}
