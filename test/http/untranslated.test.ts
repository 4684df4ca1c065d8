/** A text that a language lacks: the English one, marked as English for whoever hears it read. */
import { expect, it } from 'vitest';
import { languages } from '../../src/config/built-in-page-languages.ts';
import { createRenderer } from '../../src/http/page-renderer.ts';
import { viewsWith } from '../support/views.ts';

const VIEW = `<% layout('/layout', { title: it.t('toy.heading') }) %>
<h1><%= it.t('toy.heading') %></h1>
<nav aria-label="<%= it.plain('toy.heading') %>"></nav>
<p id="known"><%= it.t('login.heading') %></p>
<p id="count"><%= it.t('toy.count', { n: it.n }) %></p>
<% if (it.hole) { %><p><%= it.t('toy.nowhere') %></p><% } %>`;
const texts = { heading: 'Terms & more', count: { one: 'One thing', other: '{n} things' } };
const renderer = createRenderer(
  { basePath: '', issuer: 'https://id.example.com' },
  viewsWith('toy', VIEW, texts),
);
const pageIn = (tag: string, data: object = { n: 1200 }) => {
  const language = languages.find((one) => one.tag === tag) ?? languages[0];
  return renderer.page('toy', data, language);
};

it('is shown in English in an element with lang; so is the title; attributes have the text alone', () => {
  const page = pageIn('ar');
  expect(page).toContain('<html lang="ar" dir="rtl">');
  expect(page).toContain('<h1><span lang="en" dir="ltr">Terms &amp; more</span></h1>');
  expect(page).toContain('aria-label="Terms &amp; more"');
  expect(page).toContain('<title lang="en" dir="ltr">Terms &amp; more · id.example.com</title>');
});

it('uses English plural forms and numbers', () => {
  expect(pageIn('de')).toContain('<span lang="en" dir="ltr">1,200 things</span>');
  expect(pageIn('ja', { n: 1 })).toContain('<span lang="en" dir="ltr">One thing</span>');
});

it('does not mark texts that the language has, nor any text of an English page', () => {
  expect(pageIn('de')).toContain('<p id="known">Anmelden</p>');
  expect(pageIn('en')).toContain('<h1>Terms &amp; more</h1>');
});

it.each(languages.map(({ tag }) => tag))('in %s a text that English lacks too is an error', (tag) => {
  expect(() => pageIn(tag, { n: 1, hole: true })).toThrow('no text for toy.nowhere in views/locales/en.json');
});
