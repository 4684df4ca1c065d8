/** What an editor, a dev container and CI are told about the same thing. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('.nvmrc, the image and the dev container name the same version of Node', () => {
  const version = read('.nvmrc').trim();
  for (const file of ['Dockerfile', '.devcontainer/Dockerfile']) {
    const images = [...read(file).matchAll(/^FROM node:(\d+)/gm)].map(([, found]) => found);
    expect(new Set(images), file).toEqual(new Set([version]));
  }
});

it('the dev container has the packages that CI installs', () => {
  const [, wanted = ''] = /^packages=\(([^)]+)\)/m.exec(read('.ci/run')) ?? [];
  const [, installed = ''] =
    /--no-install-recommends ([^\\]+)\\/.exec(read('.devcontainer/Dockerfile')) ?? [];
  expect(installed.trim().split(' ')).toEqual(wanted.split(' '));
});

it('.editorconfig and Biome agree on indentation and line length', () => {
  const { formatter } = JSON.parse(read('biome.json'));
  const editor = read('.editorconfig');
  expect(editor).toContain(`indent_size = ${formatter.indentWidth}\n`);
  expect(editor).toContain(`json,css}]\nmax_line_length = ${formatter.lineWidth}\n`);
});
