/** What every view must have; the browser looks at the rest: test/browser/accessibility.test.ts. WCAG 2.2 §2.4.2, §3.1.1, §3.3.2 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { viewsDirectory } from '../../src/config/page-texts-and-dates.ts';
import { files } from './source-files.ts';

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
    if (!/^<% layout\('\/layout', \{ title: it\.t\(/.test(text))
      faults.push(`${path} has no title: begin it with layout('/layout', { title: it.t('…') })`);
    if (tags.match(/<h1[ >]/g)?.length !== 1) faults.push(`${path} has not exactly one <h1>`);
  }
  if (/<h1[^>]*><\/h1>/.test(text)) faults.push(`${path} has an empty <h1>`);
  for (const [field] of tags.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)) {
    if (/\btype="hidden"/.test(field)) continue;
    const [, id] = / id="([^"]+)"/.exec(field) ?? [];
    if (id === undefined || !tags.includes(`<label for="${id}"`))
      faults.push(`${path} has a field without a label: ${field}`);
  }
  for (const [form, action = ''] of text.matchAll(
    /<form\b(?:[^<>]|<%[\s\S]*?%>)*?action="((?:[^"<]|<%[\s\S]*?%>)*)"[\s\S]*?<\/form>/g,
  )) {
    const isOwn = action.startsWith('<%= it.base %>/');
    if (!isOwn && path !== TO_AN_APP) faults.push(`${path} has a form that leads to another site: ${action}`);
    if (isOwn && !/^[^>]* method="post"/.test(form.replace(/<%[\s\S]*?%>/g, '')))
      faults.push(`${path} has a form whose method is not post, which puts its token into the address`);
    if (isOwn && !form.includes(TOKEN)) faults.push(`${path} has a form without its token: add ${TOKEN}`);
  }
  if (tags.match(/<form\b/g)?.length !== tags.match(/<form\b[^>]* action="/g)?.length)
    faults.push(`${path} has a form without an action`);
  for (const [button, said = ''] of text.matchAll(/<button\b(?:[^<>]|<%[\s\S]*?%>)*>([\s\S]*?)<\/button>/g)) {
    if (!/<%= /.test(said)) faults.push(`${path} has a button without a text: ${button}`);
  }
  return [...faults, ...faultsOfCode(path, text)];
}

/** The only output that is not escaped: of another view, and of the body in the layout. */
const RAW = /^include\('\/[\w/-]+', (?:it|\{ \.\.\.it, list: '[\w/-]+' \})\)$/;

function faultsOfCode(path: string, text: string): string[] {
  const faults: string[] = [];
  for (const [, raw = ''] of text.matchAll(/<%[-_]?\s*~\s*([\s\S]*?)\s*[-_]?%>/g)) {
    if (!RAW.test(raw) && !(path === 'layout.eta' && raw === 'it.body'))
      faults.push(`${path} writes text that is not escaped: ${raw}`);
  }
  const tags = text.replace(/<%[\s\S]*?%>/g, (code) => code.replace(/[<>"'=]/g, ' '));
  for (const [tag] of tags.matchAll(/<[a-z](?:[^"'>]|"[^"]*"|'[^']*')*>/gi)) {
    const names = tag.replace(/"[^"]*"|'[^']*'/g, '""');
    if (/[\s"/]on[a-z]+\s*=/i.test(names)) faults.push(`${path} has a script in an attribute: ${tag}`);
  }
  for (const id of idsInLoops(text)) faults.push(`${path} repeats an id in a loop: ${id}`);
  return faults;
}

/** The ids in a loop that are the same each time. */
function idsInLoops(text: string): readonly string[] {
  const ids: string[] = [];
  const open: boolean[] = [];
  const isLoop = /\b(?:for|while)\s*\(|\.(?:forEach|map|flatMap)\(/;
  for (const [, code = '', id] of text.matchAll(/<%([\s\S]*?)%>|\sid\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/g)) {
    if (id !== undefined && open.includes(true) && !id.includes('<%=')) ids.push(id);
    for (const [brace, index] of bracesOf(code)) {
      if (brace === '}') open.pop();
      else open.push(isLoop.test(code.slice(0, index)));
    }
  }
  return ids;
}

function bracesOf(code: string): readonly (readonly [string, number])[] {
  return [...code.matchAll(/[{}]/g)].map(({ 0: brace, index }) => [brace, index] as const);
}

/** The answer to an app by POST: its form is the app's. */
const TO_AN_APP = 'form-post.eta';
const TOKEN = '<input type="hidden" name="csrf" value="<%= it.csrf %>">';

it('every page has a title and one heading, and every field a label', () => {
  expect(views.length).toBeGreaterThan(10);
  expect(views.flatMap(faultsOf)).toEqual([]);
  const layout = views.find(({ path }) => path === 'layout.eta')?.text ?? '';
  expect(layout).toMatch(/^<!doctype html>\n<html lang="<%= it\.lang %>"/);
  expect(layout).toMatch(/<title<%.*%>><%= it\.title\.text \?\? it\.title %> /);
});

/** What the page of an interaction carries on, in each form: without it an app's request is lost after the answer. */
const hidden = (name: string) => `<input type="hidden" name="${name}" value="<%= it.${name} %>">`;
const whereItIs = (name: string) => `<% if (it.${name}) { %>${hidden(name)}<% } %>`;

/** What the forms of the view leave out. A page that is shown in an interaction alone, as it always has one, has no `onward`. */
function carriedFaults({ path, text }: { path: string; text: string }, isOfFactor: boolean): string[] {
  const forms = [...text.matchAll(/<form\b[\s\S]*?<\/form>/g)].map(([form]) => form);
  if (forms.length === 0) return [`${path} has no form`];
  return forms.flatMap((form) => {
    const isAlwaysOfApp = !isOfFactor && form.includes(`\n${hidden('interaction')}`);
    const lacking = (isAlwaysOfApp ? ['client_id'] : ['interaction', 'client_id', 'onward']).filter(
      (name) => !form.includes(whereItIs(name)),
    );
    return lacking.map((name) => `${path} has a form that forgets ${name}: add ${whereItIs(name)}`);
  });
}

/** The pages of an interaction, and what their views leave out. */
function interactionFaults(pages: readonly { path: string; text: string }[]): string[] {
  return pages.flatMap(({ path, text }) => {
    const [, maker] = /\b(pageOfInteraction|secondFactorPage)\(/.exec(text) ?? [];
    if (maker === undefined || MAKERS.includes(path)) return [];
    const shown = [...text.matchAll(/\bview: '([^']*)'/g)].map(([, name]) => `${name}.eta`);
    if (shown.length === 0 && !SHOWS_NOTHING.includes(path)) return [`${path} names no view: '…'`];
    return views
      .filter((view) => shown.includes(view.path))
      .flatMap((view) => carriedFaults(view, maker === 'secondFactorPage'));
  });
}

const MAKERS = ['http/pages/make-second-factor-page.ts', 'http/pages/who-may-open-page.ts'];
/** It leads on at once. */
const SHOWS_NOTHING = ['http/pages/authorize-and-resume.ts'];

it('every form of a page in a sign-in or an authorization carries its interaction, client_id and onward', () => {
  const pages = files.filter(({ path }) => path.startsWith('http/pages/'));
  expect(interactionFaults(pages)).toEqual([]);
});

it('a page in an interaction that forgets one of them is named', () => {
  const page = { path: 'http/pages/toy.ts', text: "secondFactorPage(toy, { view: 'consent', read })" };
  expect(interactionFaults([page]).map((fault) => fault.split(':')[0])).toEqual([
    'consent.eta has a form that forgets interaction',
    'consent.eta has a form that forgets onward',
  ]);
  expect(interactionFaults([{ ...page, text: page.text.replace('consent', 'login') }])).toEqual([]);
  expect(interactionFaults([{ ...page, text: 'secondFactorPage(toy, viewOfToy)' }])).toEqual([
    "http/pages/toy.ts names no view: '…'",
  ]);
  const all = ['interaction', 'client_id', 'onward'];
  for (const name of all) {
    const others = all.filter((one) => one !== name).map(whereItIs);
    const form = (fields: readonly string[]) => `<form method="post">\n${fields.join('\n')}\n</form>`;
    const text = form(all.map(whereItIs)) + form(others);
    const faults = carriedFaults({ path: 'toy.eta', text }, true);
    expect(faults).toEqual([`toy.eta has a form that forgets ${name}: add ${whereItIs(name)}`]);
  }
});

it('every view that a page shows exists', () => {
  const shown = files
    .filter(({ path }) => path.startsWith('http/'))
    .flatMap(({ text }) => [
      ...text.matchAll(
        /\bshow\(\s*'([^']*)'|\bview: '([^']*)'|\bshowPage\([\w\s,]*'([^']*)'|\brenderer\.page\(\s*'([^']*)'/g,
      ),
    ])
    .map(([, ...names]) => `${names.find((name) => name !== undefined)}.eta`);
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter((name) => !views.some(({ path }) => path === name))).toEqual([]);
  expect(
    views.map(({ path }) => path).filter((path) => !included.includes(path) && !shown.includes(path)),
  ).toEqual([]);
});

it('a view that lacks them is named', () => {
  const title = `<% layout('/layout', { title: it.t('toy.heading') }) %>`;
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
  const form = (inner: string) => lacks(`${title}${heading}<form method="post" ${inner}</form>`);
  const own = `action="<%= it.base %>/toy">`;
  expect(form(own + TOKEN)).toEqual([]);
  expect(form(own)).toEqual([`toy.eta has a form without its token: add ${TOKEN}`]);
  expect(form(`action="<%= it.app %>">${TOKEN}`)[0]).toContain('leads to another site');
  expect(form(`>${TOKEN}`)).toEqual(['toy.eta has a form without an action']);
  const ofMethod = (method: string) => lacks(`${title}${heading}<form ${method} ${own}${TOKEN}</form>`);
  for (const method of ['', 'method="get"', 'data-method="post"'])
    expect(ofMethod(method)[0], method).toContain('toy.eta has a form whose method is not post');
  const button = (said: string) =>
    lacks(`${title}${heading}<button type="submit" id="<%= it.id %>">${said}</button>`);
  expect(button("<%= it.t('toy.go') %>")).toEqual([]);
  expect(button('')[0]).toContain('toy.eta has a button without a text');
});

it.each([
  ['<%~ it.name %>', 'writes text that is not escaped: it.name'],
  ["<%~ it.plain('toy.heading') %>", "writes text that is not escaped: it.plain('toy.heading')"],
  ["<%~ include('/toy', it) + it.name %>", "writes text that is not escaped: include('/toy', it) + it.name"],
  ['<%~ it.body %>', 'writes text that is not escaped: it.body'],
  ['<p onclick="go()"><%= it.t(\'a\') %></p>', 'has a script in an attribute: <p onclick="go()">'],
  ['<p title="a > b" ONCLICK = go()>', 'has a script in an attribute: <p title="a > b" ONCLICK = go()>'],
  ['<% for (const one of it.all) { %><p id="one"></p><% } %>', 'repeats an id in a loop: "one"'],
  [
    '<% it.all.forEach((one) => { %><% if (one.is) { %><p id="one"></p><% } %><% }) %>',
    'repeats an id in a loop: "one"',
  ],
])('a view that does this is named: %s', (text, fault) => {
  expect(faultsOfCode('toy.eta', text)).toEqual([`toy.eta ${fault}`]);
});

it.each([
  "<%~ include('/toy', it) %>",
  '<p title="on = off" data-on="1">one = on</p>',
  '<% for (const one of it.all) { %><p id="<%= one.id %>"></p><% } %><p id="one"></p>',
  '<% for (const one of it.all) { %><%= it.t(\'a\', { one }) %><% } %><p id="one"></p>',
])('a view that does this is not: %s', (text) => {
  expect(faultsOfCode('toy.eta', text)).toEqual([]);
});
