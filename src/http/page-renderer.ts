/** Renders the pages of views/, compiled once; each text is from views/locales/<language>.json, or else from en.json. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { type Language, languages } from '../config/built-in-page-languages.ts';

export const viewsDirectory = new URL('../../views/', import.meta.url);

export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

export interface Renderer {
  page(name: string, data: object, language: Language): string;
  /** By path, which contains the hash of the content, so an asset never changes. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** The path of the icon, below the host. */
  readonly icon: string;
}

/** A text, or its plural forms by the category of the number in it. */
type Text = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
type Texts = Readonly<Record<string, Readonly<Record<string, Text>>>>;
type Words = Readonly<Record<string, string | number>>;

/** `basePath` is the issuer's path, which begins every link; tests pass other `views`. */
export function createRenderer(
  options: { basePath: string; issuer: string },
  views: URL = viewsDirectory,
): Renderer {
  const eta = new Eta({
    views: fileURLToPath(views),
    cache: true,
    autoEscape: true,
    escapeFunction: escapeValue,
  });
  const assets = readAssets();
  const paths = assets.map(([name, { path }]) => [name, options.basePath + path] as const);
  const shared = {
    languages,
    base: options.basePath,
    issuerHost: new URL(options.issuer).host,
    issuerOrigin: new URL(options.issuer).origin,
    ...(Object.fromEntries(paths) as Record<AssetName, string>),
  };
  const english = createTexts(languages[0], views);
  const byLanguage = new Map(
    languages.map((one) => [one.tag as string, { ...shared, ...textsIn(one, views, english) }]),
  );
  return {
    icon: shared.icon,
    page(name, data, { tag }) {
      return eta.render(`/${name}`, { ...data, ...byLanguage.get(tag), page: name.replace('/', '-') });
    },
    assets: new Map(assets.map(([, { path, asset }]) => [path, asset])),
  };
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
type AssetName = keyof typeof ASSETS;

function readAssets() {
  return Object.entries(ASSETS).map(([name, [file, type]]) => [name, readAsset(file, type)] as const);
}

/** A text in another language than the page: it is rendered in an element with `lang`. HTML (lang), WCAG 3.1.2 */
class ForeignText {
  readonly text: string;
  readonly language: Language;

  constructor(text: string, language: Language) {
    this.text = text;
    this.language = language;
  }
}

const escapeText = new Eta().config.escapeFunction;

function escapeValue(value: unknown): string {
  if (!(value instanceof ForeignText)) return escapeText(value);
  const { text, language } = value;
  return `<span lang="${language.tag}" dir="${language.dir}">${escapeText(text)}</span>`;
}

/** The functions and values by which a view writes texts, dates and times in the language. */
function textsIn(language: Language, views: URL, english: OwnTexts) {
  const own = createTexts(language, views);
  return {
    /** A text between tags; if the language lacks it, the English one, in an element with `lang`. */
    t: (key: string, words: Words = {}) =>
      own.find(key, words) ?? new ForeignText(english.read(key, words), languages[0]),
    /** The same text without an element, for attributes and titles. */
    plain: (key: string, words: Words = {}) => own.find(key, words) ?? english.read(key, words),
    lang: language.tag,
    dir: language.dir,
    /** Formats an ISO 8601 text. */
    date: (iso: string) => own.formats().date.format(new Date(iso)),
    time: (iso: string) => own.formats().time.format(new Date(iso)),
  };
}

/** The texts of one file of views/locales, and how its language writes dates and numbers. */
interface OwnTexts {
  find(key: string, words: Words): string | undefined;
  /** Throws where the text is missing, so that no page is sent incomplete. */
  read(key: string, words: Words): string;
  formats(): Formats;
}

function createTexts({ tag }: Language, views: URL): OwnTexts {
  const texts: Texts = JSON.parse(readFileSync(new URL(`locales/${tag}.json`, views), 'utf8'));
  // Created when a page first needs them: the date and number data of each language takes a megabyte.
  let created: Formats | undefined;
  const formats = () => {
    created ??= createFormats(tag);
    return created;
  };
  const find = (key: string, words: Words) => {
    const [page = '', name = ''] = key.split('.');
    const text = texts[page]?.[name];
    return text === undefined ? undefined : fill(inForm(text, words, formats), words, formats);
  };
  const read = (key: string, words: Words) => {
    const text = find(key, words);
    if (text === undefined) throw new Error(`no text for ${key} in views/locales/${tag}.json`);
    return text;
  };
  return { find, read, formats };
}

interface Formats {
  readonly date: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  readonly number: Intl.NumberFormat;
  readonly plural: Intl.PluralRules;
}

function createFormats(tag: string): Formats {
  // The month is a word: 03/04 is read as April in some countries and as March in others.
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

const PLACEHOLDER = /\{(\w+)\}/;
const PLACEHOLDERS = /\{(\w+)\}/g;

/** The plural form of the text for the number, by the language's rules. Unicode TR 35 part 3 §5 (plural rules) */
function inForm(text: Text, words: Words, own: () => Formats): string {
  if (typeof text === 'string') return text;
  const { other = '' } = text;
  const [, word = ''] = PLACEHOLDER.exec(other) ?? [];
  return text[own().plural.select(Number(words[word]))] ?? other;
}

function fill(text: string, words: Words, own: () => Formats): string {
  return text.replace(PLACEHOLDERS, (_, word: string) => {
    const value = words[word] ?? '';
    return typeof value === 'number' ? own().number.format(value) : value;
  });
}
