/** What the files of views/locales have less, or more, than the English one. */
import { readFileSync } from 'node:fs';
import { languages } from '../../src/config/built-in-page-languages.ts';

/** A text, or its forms by the plural category of the number in it. */
export type Forms = Record<string, string>;
export type Texts = Record<string, Record<string, string | Forms>>;

export interface Gaps {
  readonly tag: string;
  /** Its pages have the English text there. */
  readonly missing: readonly string[];
  /** No page has them. */
  readonly leftOver: readonly string[];
}

/** The texts of one language, by page and name. */
export function textsOf(tag: string): Texts {
  return JSON.parse(readFileSync(new URL(`../../views/locales/${tag}.json`, import.meta.url), 'utf8'));
}

/** As views name them: `login.heading`. */
export function keysOf(texts: Texts): readonly string[] {
  return Object.entries(texts).flatMap(([page, own]) => Object.keys(own).map((name) => `${page}.${name}`));
}

/** Of one language. */
export function gapsOf(tag: string, texts: Texts, english: Texts): Gaps {
  const [own, wanted] = [new Set(keysOf(texts)), new Set(keysOf(english))];
  return {
    tag,
    missing: [...wanted].filter((key) => !own.has(key)),
    leftOver: [...own].filter((key) => !wanted.has(key)),
  };
}

/** Of every language but English. */
export function findGaps(): readonly Gaps[] {
  const english = textsOf('en');
  return languages.filter(({ tag }) => tag !== 'en').map(({ tag }) => gapsOf(tag, textsOf(tag), english));
}

/** A line for each key; none where nothing is missing or left over. */
export function linesOf(gaps: readonly Gaps[]): readonly string[] {
  return gaps.flatMap(({ tag, missing, leftOver }) => [
    ...missing.map((key) => `${tag}: missing ${key}`),
    ...leftOver.map((key) => `${tag}: left over ${key}`),
  ]);
}
