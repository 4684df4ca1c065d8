/** What the page shows of an authenticator app that is being set up: a link, the same as a QR code, and the key as text. */
import { encode } from 'uqr';
import { groupsOf, otpauthUrl } from '../../identity/totp/totp-codes.ts';

/** ISO/IEC 18004 §9.1: four modules of quiet zone on each side. */
const QUIET_ZONE = 4;

export interface AuthenticatorSetup {
  readonly url: string;
  readonly key: string;
  readonly qr: QrCode;
}

/** A square of `size` units; `path` is the `d` of an SVG path that covers the dark modules. */
export interface QrCode {
  readonly size: number;
  readonly path: string;
}

/** `issuer` is the URL of this server, of which the app shows the host. */
export function authenticatorSetup(
  seed: string,
  { issuer, username }: { readonly issuer: string; readonly username: string },
): AuthenticatorSetup {
  const url = otpauthUrl(seed, { issuer: new URL(issuer).hostname, username });
  return { url, key: groupsOf(seed), qr: qrCodeOf(url) };
}

/** Error correction M: a screen is read at an angle, and nothing covers a part of it. */
export function qrCodeOf(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const squares = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  return { size, path: squares.join('') };
}
