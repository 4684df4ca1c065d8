const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text. Throws if the bytes are not UTF-8: invalid input is refused, never repaired with U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return strict.decode(bytes);
}
