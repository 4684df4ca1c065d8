/** Style sheets, scripts and pictures of pages, each with a hash in its path. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { viewsDirectory } from '../config/page-texts-and-dates.ts';

export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';

/** What a view names, its file and its type. */
const ASSETS = {
  style: ['style.css', 'text/css; charset=utf-8'],
  foreignPress: ['foreign-press.js', SCRIPT],
  formPost: ['form-post.js', SCRIPT],
  submitOnce: ['submit-once.js', SCRIPT],
  showPassword: ['show-password.js', SCRIPT],
  otherAddress: ['other-address.js', SCRIPT],
  signedOut: ['signed-out.js', SCRIPT],
  icon: ['icon.svg', 'image/svg+xml'],
} as const;
export type AssetName = keyof typeof ASSETS;

/** Each asset by its name in the views, with its path. */
export function readAssets() {
  return Object.entries(ASSETS).map(([name, [file, type]]) => [name, readAsset(file, type)] as const);
}

/** A file of views/ with its path below the base path, in which the hash of its content stands. */
function readAsset(file: string, contentType: string): { path: string; asset: Asset } {
  const body = readFileSync(new URL(file, viewsDirectory));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, asset: { body, contentType } };
}
