/** No document that was not run: each block of README and docs/ is typed, loaded or known to be covered elsewhere. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { assuranceLevels } from '../../src/identity/assurance.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { type Block, readDocuments, root } from './blocks.ts';
import { elsewhere, needsStop, prepared } from './preparations.ts';
import { finished, openReadersHouse, type ReadersHouse } from './reader.ts';

const PASSWORD = 'correct horse battery staple';
const documents = readDocuments();
const isElsewhere = (path: string, { text }: Block) =>
  elsewhere.some(([where, begins]) => path.startsWith(where) && text.startsWith(begins));

let gatehouse: ReadersHouse;
let clientId: string;
beforeAll(async () => {
  gatehouse = await openReadersHouse();
  for (const username of ['alice', 'bob'])
    await gatehouse.type(`npx gatehouse user create --username ${username} --password-stdin`, {
      input: `${PASSWORD}\n`,
    });
  const { out } = await gatehouse.type(
    'npx gatehouse client create --name "The app" --redirect-uri http://localhost:3000/callback --json',
  );
  clientId = JSON.parse(out).client_id;
}, 60_000);
afterAll(() => gatehouse.stop());

const written = documents.flatMap(({ path, blocks }) => blocks.map((block) => ({ path, block })));
const ofLanguage = (language: string) =>
  written
    .filter(({ path, block }) => block.language === language && !isElsewhere(path, block))
    .map(({ path, block }) => [`${path}:${block.line}`, block.text] as const);

describe('what is typed', () => {
  it.each(ofLanguage('sh'))(
    '%s',
    async (_where, text) => {
      const { script, input = '' } = prepared(text, {
        issuer: gatehouse.issuer,
        clientId,
        password: PASSWORD,
      });
      const type = () => gatehouse.type(script, { input });
      const ran = await (needsStop(text) ? gatehouse.whileStopped(type) : type());
      expect(ran.code, `${script}\n${ran.out}\n${ran.err}`).toBe(0);
      expect(ran.err).not.toMatch(/TypeError|undefined|Unhandled/);
    },
    60_000,
  );

  it('README: the three commands lead to tokens', async () => {
    const [create = '', client = '', login = ''] =
      written
        .find(({ path, block }) => path === 'README.md' && block.text.includes('login code'))
        ?.block.text.split('\n') ?? [];
    const fresh = create.replace('alice', 'newcomer').replace('alice@', 'newcomer@');
    expect((await gatehouse.type(fresh, { input: `${PASSWORD}\n` })).code).toBe(0);
    const { out } = await gatehouse.type(`${client} --json`);
    const child = gatehouse.begin(login.replace('CLIENT_ID', JSON.parse(out).client_id));
    let said = '';
    const address = await new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => {
          said += chunk;
          const [found] = /http:\/\/localhost:\d+\/authorize\S+/.exec(said) ?? [];
          if (found) resolve(found);
        });
    });
    const agent = createUserAgent(gatehouse.issuer);
    let page = await agent.submit(await agent.open(address), { username: 'newcomer', password: PASSWORD });
    if (page.body.includes('id="allow"')) page = await agent.submit(page, { decision: 'allow' });
    await fetch(page.location ?? '');
    await new Promise((resolve) => child.once('close', resolve));
    expect(said).toContain('access_token');
  }, 60_000);
});

describe('what is written into gatehouse.yaml', () => {
  it.each(ofLanguage('yaml'))('%s', (_where, text) => {
    const file = join(gatehouse.directory, 'gatehouse.yaml');
    writeFileSync(file, text);
    const environment = text.includes('issuer:') ? { GATEHOUSE_MASTER_KEY: 'k'.repeat(44) } : {};
    expect(() => loadSettings({ configFile: file, environment })).not.toThrow();
  });
});

describe('what is JSON', () => {
  it.each(ofLanguage('json'))('%s', (_where, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
  });
});

it('every other block is named, with the test that covers it or why none can', () => {
  const typed = new Set(['sh', 'yaml', 'json']);
  const open = written.filter(({ path, block }) => !typed.has(block.language) && !isElsewhere(path, block));
  expect(open.map(({ path, block }) => `${path}:${block.line}`)).toEqual([]);
  const unused = elsewhere.filter(
    ([where, begins]) =>
      !written.some(({ path, block }) => path.startsWith(where) && block.text.startsWith(begins)),
  );
  expect(unused).toEqual([]);
});

it('npx is typed in the folder of a checkout alone, where it fetches nothing', () => {
  const others = written.filter(({ path }) => path !== 'README.md' && !path.startsWith('docs/tutorials/'));
  const typed = others.filter(({ block }) => block.text.includes('npx gatehouse'));
  expect(typed.map(({ path, block }) => `${path}:${block.line}`)).toEqual([]);
});

it('every link of a document leads to a file', () => {
  for (const { path } of documents) {
    const links = readFileSync(root + path, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g);
    for (const [, link = ''] of links) {
      expect(existsSync(join(root, dirname(path), link)), `${path}: ${link}`).toBe(true);
    }
  }
});

it('the tutorial’s app finds the server', async () => {
  const { blocks = [] } = documents.find(({ path }) => path === 'docs/tutorials/first-app.md') ?? {};
  const code = blocks
    .find(({ language }) => language === 'js')
    ?.text.replaceAll('http://localhost:4000', gatehouse.issuer);
  const script = `const [CLIENT_ID, CLIENT_SECRET] = ['${clientId}', 'secret'];\n${code}\nconsole.log(config.serverMetadata().issuer);`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script.replace(/^(const.*\n)(import.*\n)/, '$2$1')],
    { cwd: root },
  );
  expect(await finished(child)).toMatchObject({ code: 0, out: `${gatehouse.issuer}\n` });
});

it('the values of acr are those that can be reached, each with a way for every set of methods', () => {
  const text = readFileSync(`${root}docs/how-to/step-up.md`, 'utf8');
  const rows = text.matchAll(/^\| `(urn:gatehouse:acr:[^`]+)` \| ([^|]+) \|$/gm);
  const written = [...rows].map(([, acr = '', ways = '']) => [acr, ways.split(/, or /).length]);
  expect(written).toEqual(assuranceLevels.map(({ acr, amr }) => [acr, amr.length]));
});

it('an API asks for a fresh sign-in', () => {
  const { blocks = [] } = documents.find(({ path }) => path === 'docs/how-to/step-up.md') ?? {};
  const code = blocks.find(({ language }) => language === 'js')?.text;
  const challengeFor = new Function(`${code}; return challengeFor;`)();
  const claims = { auth_time: 1000, acr: 'urn:gatehouse:acr:pwd' };
  expect(challengeFor(claims, 1299)).toBeUndefined();
  const challenge = challengeFor(claims, 1300);
  const answer = blocks.find(({ language }) => language === 'http')?.text ?? '';
  for (const part of challenge.match(/\w+="[^"]*"/g)) expect(answer).toContain(part);
});
