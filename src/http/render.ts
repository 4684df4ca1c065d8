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
  /** Where the icon is, below the host. */
  readonly icon: string;
}

/** A text, or its forms by the plural category of the number in it. */
type Text = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
type Texts = Readonly<Record<string, Readonly<Record<string, Text>>>>;
type Words = Readonly<Record<string, string | number>>;

/** `basePath` is the issuer's path, before every link. */
export function createRenderer(options: { basePath: string; issuer: string }): Renderer {
  const eta = new Eta({ views: fileURLToPath(viewsDirectory), cache: true, autoEscape: true });
  const style = readAsset('style.css', 'text/css; charset=utf-8');
  const foreignPress = readAsset('foreign-press.js', 'text/javascript; charset=utf-8');
  const formPost = readAsset('form-post.js', 'text/javascript; charset=utf-8');
  const submitOnce = readAsset('submit-once.js', 'text/javascript; charset=utf-8');
  const showPassword = readAsset('show-password.js', 'text/javascript; charset=utf-8');
  const otherAddress = readAsset('other-address.js', 'text/javascript; charset=utf-8');
  const signedOut = readAsset('signed-out.js', 'text/javascript; charset=utf-8');
  const icon = readAsset('icon.svg', 'image/svg+xml');
  const shared = {
    languages,
    base: options.basePath,
    issuerHost: new URL(options.issuer).host,
    issuerOrigin: new URL(options.issuer).origin,
    style: options.basePath + style.path,
    foreignPress: options.basePath + foreignPress.path,
    formPost: options.basePath + formPost.path,
    submitOnce: options.basePath + submitOnce.path,
    showPassword: options.basePath + showPassword.path,
    otherAddress: options.basePath + otherAddress.path,
    signedOut: options.basePath + signedOut.path,
    icon: options.basePath + icon.path,
  };
  const spoken = new Map(
    languages.map((language) => [language.tag as string, { ...shared, ...speak(language) }]),
  );
  return {
    icon: shared.icon,
    page(name, data, { tag }) {
      return eta.render(`/${name}`, { ...data, ...spoken.get(tag), page: name.replace('/', '-') });
    },
    assets: new Map(
      [style, foreignPress, formPost, submitOnce, showPassword, otherAddress, signedOut, icon].map(
        ({ path, asset }) => [path, asset],
      ),
    ),
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
    t: (key: string, words: Words = {}) => fill(inForm(textOf(texts, tag, key), words, own), words, own),
    lang: tag,
    dir,
    /** Of an ISO 8601 text. */
    date: (iso: string) => own().date.format(new Date(iso)),
    time: (iso: string) => own().time.format(new Date(iso)),
  };
}

interface Formats {
  readonly date: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  readonly number: Intl.NumberFormat;
  readonly plural: Intl.PluralRules;
}

function createFormats(tag: string): Formats {
  // The month is a word: 03/04 is April to some and March to others.
  const day = { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' } as const;
  const moment = { ...day, hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
  return {
    date: new Intl.DateTimeFormat(tag, day),
    time: new Intl.DateTimeFormat(tag, moment),
    number: new Intl.NumberFormat(tag),
    plural: new Intl.PluralRules(tag),
  };
}

function readAsset(file: string, contentType: string): { path: string; asset: Asset } {
  const body = readFileSync(new URL(file, viewsDirectory));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, asset: { body, contentType } };
}

/** Throws where a text is missing: no page goes out with a hole in it. */
function textOf(texts: Texts, tag: string, key: string): Text {
  const [page = '', name = ''] = key.split('.');
  const text = texts[page]?.[name];
  if (text === undefined) throw new Error(`no text for ${key} in views/locales/${tag}.json`);
  return text;
}

const WORD = /\{(\w+)\}/;
const WORDS = /\{(\w+)\}/g;

/** Of several forms the one that the language wants for the number. Unicode TR 35 part 3 §5 (plural rules) */
function inForm(text: Text, words: Words, own: () => Formats): string {
  if (typeof text === 'string') return text;
  const { other = '' } = text;
  const [, word = ''] = WORD.exec(other) ?? [];
  return text[own().plural.select(Number(words[word]))] ?? other;
}

function fill(text: string, words: Words, own: () => Formats): string {
  return text.replace(WORDS, (_, word: string) => {
    const value = words[word] ?? '';
    return typeof value === 'number' ? own().number.format(value) : value;
  });
}
