/** What kind of redirect URI one is: on the web, or on a person's device. RFC 8252 §7 */
export const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?<port>:\d{1,5})?(?=[/?]|$)/;

/** Whether it is http or https; `protocol` is a URL's own, in lower case with its colon. */
export function isWebProtocol(protocol: string): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

/** The host that a person is sent back to, or the scheme of an app on their device: what follows it proves nothing. */
export function hostOfRedirectUri(redirect_uri: string): string {
  const { protocol, host } = new URL(redirect_uri);
  return isWebProtocol(protocol) ? host : protocol.slice(0, -1);
}

/**
 * RFC 8252 §8.6: whether the redirect itself assures who the client is. Loopback and private-use schemes can be
 * claimed by any app on the device.
 */
export function assuresIdentity(redirect_uri: string): boolean {
  return redirect_uri.startsWith('https://');
}

/** RFC 8252 §7: loopback, or a scheme of an app's own. */
export function isOnDevice(redirect_uri: string): boolean {
  return LOOPBACK.test(redirect_uri) || (URL.canParse(redirect_uri) && !/^https?:/i.test(redirect_uri));
}
