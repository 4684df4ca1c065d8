/** Pages from views/, compiled once; every text from views/locales/<language>.json. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';

export const viewsDirectory = new URL('../../views/', import.meta.url);

const LOCALE = 'en';

export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

export interface Renderer {
  page(name: string, data: object): string;
  /** By path; the path holds the content's hash, so an asset never changes. */
  readonly assets: ReadonlyMap<string, Asset>;
}

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `basePath` is the issuer's path, before every link. */
export function createRenderer(options: { basePath: string; issuerHost: string }): Renderer {
  const eta = new Eta({ views: fileURLToPath(viewsDirectory), cache: true, autoEscape: true });
  const texts: Texts = JSON.parse(readFileSync(new URL(`locales/${LOCALE}.json`, viewsDirectory), 'utf8'));
  const style = readAsset('style.css', 'text/css; charset=utf-8');
  const formPost = readAsset('form-post.js', 'text/javascript; charset=utf-8');
  const icon = readAsset('icon.svg', 'image/svg+xml');
  const shared = {
    t: (key: string, words: Readonly<Record<string, string | number>> = {}) => translate(texts, key, words),
    lang: LOCALE,
    dir: 'ltr',
    base: options.basePath,
    issuerHost: options.issuerHost,
    style: options.basePath + style.path,
    formPost: options.basePath + formPost.path,
    icon: options.basePath + icon.path,
  };
  return {
    page: (name, data) => eta.render(`/${name}`, { ...data, ...shared, page: name.replace('/', '-') }),
    assets: new Map([style, formPost, icon].map(({ path, asset }) => [path, asset])),
  };
}

function readAsset(file: string, contentType: string): { path: string; asset: Asset } {
  const body = readFileSync(new URL(file, viewsDirectory));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, asset: { body, contentType } };
}

/** Throws where a text is missing: no page goes out with a hole in it. */
function translate(texts: Texts, key: string, words: Readonly<Record<string, string | number>>): string {
  const [page = '', name = ''] = key.split('.');
  const text = texts[page]?.[name];
  if (text === undefined) throw new Error(`no text for ${key} in views/locales/${LOCALE}.json`);
  return text.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word] ?? ''));
}
