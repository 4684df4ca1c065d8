import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/config/languages.ts';

const views = new URL('../../views/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, views), 'utf8');
type Texts = Record<string, Record<string, string>>;
const viewFiles = readdirSync(views, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.eta'),
);
const textsOf = (tag: string): Texts => JSON.parse(read(`locales/${tag}.json`));

describe('the texts', () => {
  const english = textsOf('en');
  const keys = (texts: Texts) =>
    Object.entries(texts).flatMap(([page, own]) => Object.keys(own).map((name) => `${page}.${name}`));
  const words = (text: string | undefined) =>
    [...(text ?? '').matchAll(/\{\w+\}/g)].map(([word]) => word).sort();

  it('there is a file for every language and no other', () => {
    const files = readdirSync(new URL('locales/', views)).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(languages.map(({ tag }) => tag).sort());
  });

  it.each(languages.map(({ tag }) => tag))('%s has every text, with its words in it, and no other', (tag) => {
    const texts = textsOf(tag);
    expect(keys(texts)).toEqual(keys(english));
    for (const [page, own] of Object.entries(english)) {
      for (const [name, text] of Object.entries(own)) {
        expect(texts[page]?.[name]?.trim(), `${page}.${name}`).not.toBe('');
        expect(words(texts[page]?.[name]), `${page}.${name}`).toEqual(words(text));
      }
    }
  });

  it('no view holds a text of its own, and each text that a view names is there', () => {
    for (const file of viewFiles) {
      const source = read(file);
      const said = source
        .replace(/<%[\s\S]*?%>/g, '')
        .replace(/<[^>]+>/g, '')
        .replace(/&\w+;|[·\s()]/g, '');
      expect(said, file).toBe('');
      for (const [, page = '', name = ''] of source.matchAll(/it\.t\('([\w-]+)\.([\w-]+)'[,)]/g)) {
        expect(english[page]?.[name], `${file}: ${page}.${name}`).toBeDefined();
      }
    }
  });
});

describe('words from outside', () => {
  it.each(viewFiles)('%s sets each apart from its own sentence: <bdi>, or a direction of its own', (file) => {
    // Attributes are no running text, and a title can hold no element.
    const source = read(file)
      .replace(/<title>.*<\/title>/, '')
      .replace(/="(?:[^"<]|<%[\s\S]*?%>)*"/g, (attribute) => attribute.replace(/<%[\s\S]*?%>/g, ''));
    for (const [all, tag = ''] of source.matchAll(/(<[^<>]*>)?<%= (?!it\.(?:t|date|time)\()[^%]*%>/g)) {
      expect(tag, `${file}: ${all}`).toMatch(/^<bdi\b|\sdir="/);
    }
  });
});
