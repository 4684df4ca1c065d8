/** What every view must have; the browser looks at the rest: test/browser/accessibility.test.ts. WCAG 2.2 §2.4.2, §3.1.1, §3.3.2 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { viewsDirectory } from '../../src/http/page-renderer.ts';

const root = fileURLToPath(viewsDirectory);
const views = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.eta'))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const included = views.flatMap(({ text }) =>
  [...text.matchAll(/\b(?:include|layout)\('\/([^']+)'/g)].map(([, name]) => `${name}.eta`),
);

/** The code of a template is no tag: `>` in it would end one. */
const withoutCode = (text: string) => text.replace(/<%[\s\S]*?%>/g, '');

/** What the view lacks, in sentences. A view that no other includes is a page. */
function faultsOf({ path, text }: { path: string; text: string }): string[] {
  const faults: string[] = [];
  const tags = withoutCode(text);
  if (!included.includes(path)) {
    if (!/^<% layout\('\/layout', \{ title: it\.plain\(/.test(text))
      faults.push(`${path} has no title: begin it with layout('/layout', { title: it.plain('…') })`);
    if (tags.match(/<h1[ >]/g)?.length !== 1) faults.push(`${path} has not exactly one <h1>`);
  }
  if (/<h1[^>]*><\/h1>/.test(text)) faults.push(`${path} has an empty <h1>`);
  for (const [field] of tags.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)) {
    if (/\btype="hidden"/.test(field)) continue;
    const [, id] = / id="([^"]+)"/.exec(field) ?? [];
    if (id === undefined || !tags.includes(`<label for="${id}"`))
      faults.push(`${path} has a field without a label: ${field}`);
  }
  return faults;
}

it('every page has a title and one heading, and every field a label', () => {
  expect(views.length).toBeGreaterThan(10);
  expect(views.flatMap(faultsOf)).toEqual([]);
  const layout = views.find(({ path }) => path === 'layout.eta')?.text ?? '';
  expect(layout).toMatch(/^<!doctype html>\n<html lang="<%= it\.lang %>"/);
  expect(layout).toMatch(/<title><%= it\.title %> /);
});

it('a view that lacks them is named', () => {
  const title = `<% layout('/layout', { title: it.plain('toy.heading') }) %>`;
  const heading = `<h1><%= it.t('toy.heading') %></h1>`;
  const field = '<label for="code">Code</label><input id="code" name="code">';
  const lacks = (text: string) => faultsOf({ path: 'toy.eta', text });
  expect(lacks(title + heading + field)).toEqual([]);
  expect(lacks(heading)[0]).toContain('toy.eta has no title');
  expect(lacks(title)).toEqual(['toy.eta has not exactly one <h1>']);
  expect(lacks(`${title}<h1></h1>`)).toEqual(['toy.eta has an empty <h1>']);
  expect(lacks(`${title}${heading}<input name="code">`)).toEqual([
    'toy.eta has a field without a label: <input name="code">',
  ]);
});
