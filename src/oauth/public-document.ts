import { sha256 } from '../lib/sha256-and-hmac.ts';

/** A public document as a ready answer. */
export interface Document {
  /** Text and not bytes: Node sends it in one write with the headers. */
  readonly body: string;
  readonly etag: string;
  /** Seconds for Cache-Control. */
  readonly maxAgeSeconds: number;
}

/** Turns the content into JSON once, for many answers. The ETag is the SHA-256 of that text. */
export function documentOf(content: object, maxAgeSeconds: number): Document {
  const body = JSON.stringify(content);
  return { body, etag: `"${sha256(body)}"`, maxAgeSeconds };
}
