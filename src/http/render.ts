/** Pages from views/, compiled once; every text from views/locales/<language>.json. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { type Language, languages } from '../config/languages.ts';

export const viewsDirectory = new URL('../../views/', import.meta.url);

export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

export interface Renderer {
  page(name: string, data: object, language: Language): string;
  /** By path; the path holds the content's hash, so an asset never changes. */
  readonly assets: ReadonlyMap<string, Asset>;
}

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Words = Readonly<Record<string, string | number>>;

/** `basePath` is the issuer's path, before every link. */
export function createRenderer(options: { basePath: string; issuerHost: string }): Renderer {
  const eta = new Eta({ views: fileURLToPath(viewsDirectory), cache: true, autoEscape: true });
  const style = readAsset('style.css', 'text/css; charset=utf-8');
  const formPost = readAsset('form-post.js', 'text/javascript; charset=utf-8');
  const icon = readAsset('icon.svg', 'image/svg+xml');
  const shared = {
    languages,
    base: options.basePath,
    issuerHost: options.issuerHost,
    style: options.basePath + style.path,
    formPost: options.basePath + formPost.path,
    icon: options.basePath + icon.path,
  };
  const spoken = new Map(
    languages.map((language) => [language.tag as string, { ...shared, ...speak(language) }]),
  );
  return {
    page(name, data, { tag }) {
      return eta.render(`/${name}`, { ...data, ...spoken.get(tag), page: name.replace('/', '-') });
    },
    assets: new Map([style, formPost, icon].map(({ path, asset }) => [path, asset])),
  };
}

/** What a page needs to speak the language. */
function speak({ tag, dir }: Language) {
  const texts: Texts = JSON.parse(readFileSync(new URL(`locales/${tag}.json`, viewsDirectory), 'utf8'));
  // Made when a page first needs them: each language's own data of dates and numbers takes a megabyte.
  let formats: Formats | undefined;
  const own = () => {
    formats ??= createFormats(tag);
    return formats;
  };
  return {
    t: (key: string, words: Words = {}) =>
      translate(texts, tag, key, words, (value) => own().number.format(value)),
    lang: tag,
    dir,
    /** Of an ISO 8601 text. */
    date: (iso: string) => own().date.format(new Date(iso)),
    time: (iso: string) => `${own().time.format(new Date(iso))} UTC`,
  };
}

interface Formats {
  readonly date: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  readonly number: Intl.NumberFormat;
}

function createFormats(tag: string): Formats {
  return {
    date: new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: 'UTC' }),
    time: new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
    number: new Intl.NumberFormat(tag),
  };
}

function readAsset(file: string, contentType: string): { path: string; asset: Asset } {
  const body = readFileSync(new URL(file, viewsDirectory));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, asset: { body, contentType } };
}

/** Throws where a text is missing: no page goes out with a hole in it. */
function translate(
  texts: Texts,
  tag: string,
  key: string,
  words: Words,
  format: (value: number) => string,
): string {
  const [page = '', name = ''] = key.split('.');
  const text = texts[page]?.[name];
  if (text === undefined) throw new Error(`no text for ${key} in views/locales/${tag}.json`);
  return text.replace(/\{(\w+)\}/g, (_, word: string) => {
    const value = words[word] ?? '';
    return typeof value === 'number' ? format(value) : value;
  });
}
