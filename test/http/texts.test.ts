import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/config/built-in-page-languages.ts';
import {
  protocolScopes,
  standardClaims,
  standardScopeClaims,
} from '../../src/config/standard-scopes-and-claims.ts';
import { createRenderer } from '../../src/http/page-renderer.ts';
import { pages } from '../../src/http/pages/index.ts';
import { type Forms, gapsOf, keysOf as keys, linesOf, textsOf } from '../locales/gaps.ts';

const views = new URL('../../views/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, views), 'utf8');
const source = new URL('../../src/', import.meta.url);
const sourceFiles = ['http', 'identity', 'oauth', 'config', 'notify'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, source), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => new URL(`${folder}/${file}`, source)),
);
const viewFiles = readdirSync(views, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.eta'),
);
/** Each mail in both its forms; the HTML is held to the rules of pages about words. */
const mailFiles = ['mail/notice.html', 'mail/notice.txt'];
const withWords = [...viewFiles, 'mail/notice.html'];

describe('the texts', () => {
  const english = textsOf('en');
  const formsOf = (text: string | Forms | undefined): Forms =>
    typeof text === 'object' ? text : { other: text ?? '' };
  const words = (text: string | undefined) =>
    [...(text ?? '').matchAll(/\{\w+\}/g)].map(([word]) => word).sort();

  it('there is a file for every language and no other', () => {
    const files = readdirSync(new URL('locales/', views)).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(languages.map(({ tag }) => tag).sort());
  });

  it.each(languages.map(({ tag }) => tag))(
    '%s has each text in its place with its words, no other',
    (tag) => {
      const texts = textsOf(tag);
      const gaps = gapsOf(tag, texts, english);
      expect(gaps.leftOver).toEqual([]);
      // Its pages have the English text there. What English itself lacks is found by the views that name it.
      if (gaps.missing.length > 0) console.warn(linesOf([gaps]).join('\n'));
      expect(keys(texts)).toEqual(keys(english).filter((key) => !gaps.missing.includes(key)));
      for (const [page, own] of Object.entries(texts)) {
        for (const [name, translated] of Object.entries(own)) {
          const text = english[page]?.[name];
          const forms = formsOf(translated);
          for (const form of Object.values(forms)) expect(form.trim(), `${page}.${name}`).not.toBe('');
          expect(words(forms.other), `${page}.${name}`).toEqual(words(formsOf(text).other));
        }
      }
    },
  );

  it.each(languages.map(({ tag }) => tag))('%s has every plural of every text with a number', (tag) => {
    const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
    for (const [page, own] of Object.entries(textsOf(tag))) {
      for (const [name, text] of Object.entries(own)) {
        const said = typeof text === 'string' ? text : JSON.stringify(text);
        expect(said.replace(/[{}]/g, ''), `${page}.${name} writes its number itself`).not.toMatch(/\d/);
        if (words(said).length === 0) continue;
        const forms = formsOf(text);
        expect(Object.keys(forms).toSorted(), `${page}.${name}`).toEqual(categories);
        expect(words(forms.other), `${page}.${name}`).toHaveLength(1);
        // "a minute", "two minutes": such forms may say the number as a word; no form has another's word.
        for (const [category, form] of Object.entries(forms)) {
          const isSaid = ['zero', 'one', 'two'].includes(category) && words(form).length === 0;
          if (!isSaid) expect(words(form), `${page}.${name}.${category}`).toEqual(words(forms.other));
        }
      }
    }
  });

  it.each(languages.map(({ tag }) => tag))(
    '%s has the button pressed that takes the code to the app',
    (tag) => {
      const { text, continue: button } = { ...english['form-post'], ...textsOf(tag)['form-post'] };
      expect(text).toContain(button);
    },
  );

  it.each([
    ['de', 'Sie', /\b(?:du|dich|dir|dein(?:e[mnrs]?)?)\b/i],
    ['fr', 'vous', /(?<!\p{L})(?:tu|toi|ton|ta|tes)(?!\p{L})/iu],
    ['es', 'usted', /(?<!\p{L})(?:tú|tu|tus|te|ti|contigo)(?!\p{L})/iu],
    ['ja', 'です・ます', /だ。|である。|(?:しろ|せよ)。/],
  ])('%s uses one form of address throughout: %s', (tag, _form, other) => {
    expect(read(`locales/${tag}.json`)).not.toMatch(other);
  });

  it('quotes are typographic, and no line of French begins with punctuation', () => {
    for (const { tag } of languages) expect(read(`locales/${tag}.json`), tag).not.toMatch(/'/);
    expect(JSON.stringify(Object.values(textsOf('fr')))).not.toMatch(/ [;:?!»]|« /);
  });

  /** What is code in the views: between <% and %>. */
  const codeOf = (source: string) =>
    [...source.matchAll(/<%[-_~=]?([\s\S]*?)%>/g)].map(([, code = '']) => code);
  /** Keys, and beginnings of keys ("scopes." + scope), that stand in a view. */
  const named = [...viewFiles, ...mailFiles].flatMap((file) =>
    codeOf(read(file)).flatMap((code) =>
      [...code.matchAll(/'([\w-]+\.[\w-]*)'(\s*\+)?/g)].map(([, key = '', more]) => ({
        file,
        key,
        more: !!more,
      })),
    ),
  );

  /** Those by which the account's first page links to others. */
  const linked = pages.flatMap(({ path, linkedAs }) =>
    linkedAs === undefined ? [] : [{ file: path, key: linkedAs, more: false }],
  );

  it.each(withWords)('%s holds no text of its own: between tags, in attributes, in expressions', (file) => {
    const source = read(file);
    const said = source
      .replace(/<%[\s\S]*?%>/g, '')
      .replace(/<[^>]+>/g, '')
      .replace(/&\w+;|[·\s()]/g, '');
    expect(said).toBe('');
    const spoken =
      /\s(?:aria-(?:label|description|placeholder|roledescription|valuetext)|title|placeholder|alt|label|summary)="([^"]*)"/g;
    for (const [attribute, value = ''] of source.matchAll(spoken)) {
      expect(value, attribute).toMatch(/^(?:<%= it\.plain\([^%]*\) %>)?$/);
    }
    for (const code of source.matchAll(/<%=([\s\S]*?)%>/g)) {
      for (const [, literal = ''] of (code[1] ?? '').matchAll(/'([^']*)'|"[^"]*"|`[^`]*`/g)) {
        expect(literal, code[0]).toMatch(/^[\w-]+\.[\w-]*$/);
      }
    }
    expect(source).not.toMatch(/<input\b[^>]*type="(?:submit|button|reset)"/);
  });

  it('each text that a view names exists, and each text is named by a view', () => {
    for (const { file, key, more } of [...named, ...linked]) {
      expect(more || keys(english).includes(key), `${file}: ${key}`).toBe(true);
    }
    const code = sourceFiles.map((file) => readFileSync(file, 'utf8')).join('\n');
    const isUsed = (key: string) =>
      [...named, ...linked].some((one) => {
        if (!one.more) return one.key === key;
        const rest = key.startsWith(one.key) ? key.slice(one.key.length) : undefined;
        return rest !== undefined && new RegExp(`'${rest}'|^\\s+${rest}:`, 'm').test(code);
      });
    expect(keys(english).filter((key) => !isUsed(key))).toEqual([]);
  });

  it('each scope and claim of the standards has a text', () => {
    const scopes = [...protocolScopes, ...Object.keys(standardScopeClaims)];
    expect(Object.keys(english.scopes ?? {}).toSorted()).toEqual(scopes.toSorted());
    expect(Object.keys(english.claims ?? {}).toSorted()).toEqual([...standardClaims].toSorted());
  });
});

describe('words from outside', () => {
  it.each(withWords)('%s sets each apart from its own sentence: <bdi>, or a direction of its own', (file) => {
    // Attributes are no running text, and a title can hold no element.
    const source = read(file)
      .replace(/<title.*<\/title>/, '')
      .replace(/="(?:[^"<]|<%[\s\S]*?%>)*"/g, (attribute) => attribute.replace(/<%[\s\S]*?%>/g, ''));
    for (const [all, tag = ''] of source.matchAll(/(<[^<>]*>)?<%= (?!it\.(?:t|date|time)\()[^%]*%>/g)) {
      expect(tag, `${file}: ${all}`).toMatch(/^<bdi\b|\sdir="/);
    }
  });
});

describe('numbers and times', () => {
  const renderer = createRenderer({ basePath: '', issuer: 'https://id.example.com' });
  const rule = (tag: string, minimumLength: number) => {
    const language = languages.find((one) => one.tag === tag) ?? languages[0];
    const page = renderer.page('account/password', { minimumLength, username: '', ownPath: '/' }, language);
    return /id="rule">([^.。]*)/.exec(page)?.[1];
  };

  it.each([
    ['en', 1, 'At least 1 character'],
    ['en', 12, 'At least 12 characters'],
    ['de', 1200, 'Mindestens 1'],
    ['fr', 2, 'Au moins 2 caractères'],
    ['es', 1, 'Al menos 1 carácter'],
    ['ja', 15, '15文字以上にしてください'],
    ['ar', 1, 'لا تقل عن حرف واحد'],
    ['ar', 2, 'لا تقل عن حرفين'],
    ['ar', 8, 'لا تقل عن 8 أحرف'],
    ['ar', 12, 'لا تقل عن 12 حرفًا'],
    ['ar', 100, 'لا تقل عن 100 حرف'],
  ])('in %s the plural form for %i is that of its grammar', (tag, number, wanted) => {
    expect(rule(tag, number)).toBe(wanted);
  });

  it.each([
    ['en', 'Nov 21, 2026, 7:40 PM UTC'],
    ['de', '21. Nov. 2026, 19:40 UTC'],
    ['fr', '21 nov. 2026, 19:40 UTC'],
    ['es', '21 nov 2026, 19:40 UTC'],
    ['ja', '2026年11月21日 19:40 UTC'],
    ['ar', '21 نوفمبر 2026، 7:40 م UTC'],
  ])('a time in %s is written as its readers write it, with its zone', (tag, wanted) => {
    const language = languages.find((one) => one.tag === tag) ?? languages[0];
    const at = '2026-11-21T19:40:00.000Z';
    const sessions = [{ sid: 's', device: 'd', address: 'a', signedInAt: at, lastSeenAt: at }];
    const page = renderer.page('account/sessions', { sessions, ownPath: '/' }, language);
    expect(page.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(`<time datetime="${at}">${wanted}</time>`);
  });
});

describe('the look', () => {
  const style = read('style.css').replace(/\/\*[\s\S]*?\*\//g, '');
  const declarations = [...style.matchAll(/^\s+([a-z-]+):\s*([^;{]+);/gm)].map(
    ([, name = '', value = '']) => ({
      name,
      value,
    }),
  );

  it('uses start and end, never left and right', () => {
    const isPhysical = ({ name, value }: { name: string; value: string }) => {
      const [, right, , left] = value.split(/\s+/);
      return (
        /(^|-)(left|right|top|bottom|width|height)$/.test(name.replace('line-height', '')) ||
        /\b(left|right)\b|translateX/.test(value) ||
        (/^(margin|padding|inset|border-(width|style|color|radius))$/.test(name) &&
          left !== undefined &&
          left !== right)
      );
    };
    expect(declarations.length).toBeGreaterThan(100);
    expect(declarations.filter(isPhysical)).toEqual([]);
  });

  it('has no arrow that would point the wrong way, and no style outside its file', () => {
    for (const file of [...viewFiles, ...languages.map(({ tag }) => `locales/${tag}.json`)]) {
      expect(read(file), file).not.toMatch(/[\u2190-\u21ff\u27f0-\u27ff\u2039\u203a\u25b6\u25c0]/u);
      expect(read(file), file).not.toMatch(/\s(?:style|align)=/);
    }
  });

  it('has no rule that resets what another rule set for a page', () => {
    const rules = [
      ...style.replace(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}/g, '').matchAll(/([^{}]+)\{([^{}]*)\}/g),
    ];
    const said = rules.flatMap(([, selectors = '', body = '']) =>
      [...body.matchAll(/^\s+([a-z-]+):/gm)].flatMap(([, name = '']) =>
        selectors.split(',').map((selector) => `${selector.trim()} ${name}`),
      ),
    );
    expect(said.filter((one, index) => said.indexOf(one) !== index)).toEqual([]);
  });

  it('does not tear the joined letters of Arabic apart', () => {
    expect(style).toMatch(/:lang\(ar\) h1 \{[^}]*letter-spacing: normal/);
  });
});
