/** The texts of pages and of mails from views/locales/<language>.json, or else from en.json, with plurals, numbers and dates. */
import { readFileSync } from 'node:fs';
import { Eta } from 'eta';
import { type Language, languages } from './built-in-page-languages.ts';

/** The folder of the views, and of the texts in views/locales. */
export const viewsDirectory = new URL('../../views/', import.meta.url);

/** A text, or its plural forms by the category of the number in it. */
export type Text = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
export type Texts = Readonly<Record<string, Readonly<Record<string, Text>>>>;
export type Words = Readonly<Record<string, string | number>>;

/** A text in another language than the page: it is rendered in an element with `lang`. HTML (lang), WCAG 3.1.2 */
export class ForeignText {
  readonly text: string;
  readonly language: Language;

  constructor(text: string, language: Language) {
    this.text = text;
    this.language = language;
  }
}

const escapeText = new Eta().config.escapeFunction;

/** Escapes a value for HTML, for views that are rendered as HTML; a {@link ForeignText} is put in its element. */
export function escapeValue(value: unknown): string {
  if (!(value instanceof ForeignText)) return escapeText(value);
  const { text, language } = value;
  return `<span lang="${language.tag}" dir="${language.dir}">${escapeText(text)}</span>`;
}

/** The functions and values by which a view writes texts, dates and times in the language. */
export function textsIn(language: Language, views: URL, english: OwnTexts) {
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

/** The texts of one language, read from its file. */
export function createTexts({ tag }: Language, views: URL): OwnTexts {
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

export interface Formats {
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

const PLACEHOLDER = /\{(\w+)\}/;
const PLACEHOLDERS = /\{(\w+)\}/g;

/** The plural form of the text for the number, by the language's rules. Unicode TR 35 part 3 §5 (plural rules) */
function inForm(text: Text, words: Words, own: () => Formats): string {
  if (typeof text === 'string') return text;
  const { other = '' } = text;
  const [, word = ''] = PLACEHOLDER.exec(other) ?? [];
  return text[own().plural.select(Number(words[word]))] ?? other;
}

/** The text with its words in the place of {…}. */
export function fill(text: string, words: Words, own: () => Formats): string {
  return text.replace(PLACEHOLDERS, (_, word: string) => {
    const value = words[word] ?? '';
    return typeof value === 'number' ? own().number.format(value) : value;
  });
}
