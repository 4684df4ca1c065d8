const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text; throws where the bytes are not UTF-8. What a stranger sent is refused, never repaired with U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return strict.decode(bytes);
}
