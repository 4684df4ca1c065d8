/** Folders import each other in no circle; of files, Biome says so. */
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from './source-files.ts';

/** What imports what, within a folder: its folders, each as one, and the files beside them. */
function importsAmong(folder: string): readonly Import[] {
  const partOf = (path: string) =>
    path.startsWith(folder) ? folder + path.slice(folder.length).split('/')[0] : undefined;
  const found = files.flatMap(({ path, imports }) =>
    imports.map((target) => [partOf(path), partOf(target)] as const),
  );
  const unlike = found.filter(([from, to]) => from !== undefined && to !== undefined && from !== to);
  return [...new Set(unlike.map((ends) => ends.join(' → ')))].map((text) => {
    const [from = '', to = ''] = text.split(' → ');
    return { from, to };
  });
}

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Those that remain when every one that leads to an end, or comes from a beginning, is taken away again and again. */
function circlesOf(imports: readonly Import[]): readonly Import[] {
  const left = imports.filter(
    ({ from, to }) => imports.some((one) => one.from === to) && imports.some((one) => one.to === from),
  );
  return left.length === imports.length ? left : circlesOf(left);
}

const written = ({ from, to }: Import) => `${from} → ${to}`;

describe('folders', () => {
  /** The context names parts that are made of it. Without these there is no circle. */
  const known = [
    'oauth/context.ts → oauth/clients',
    'oauth/context.ts → oauth/subject.ts',
    'oauth/context.ts → oauth/tokens',
  ];
  const folders = ['', ...new Set(files.map(({ path }) => dirname(path)).filter((one) => one !== '.'))].map(
    (one) => (one === '' ? '' : `${one}/`),
  );

  it('import each other in no circle, at whatever depth', () => {
    expect(folders).toEqual(
      expect.arrayContaining(['', 'oauth/', 'storage/', 'commands/', 'oauth/clients/']),
    );
    const circles = folders.flatMap((folder) =>
      circlesOf(importsAmong(folder).filter((one) => !known.includes(written(one)))).map(written),
    );
    expect(circles).toEqual([]);
  });

  it('are in the known circle still: what was opened leaves the list', () => {
    const among = importsAmong('oauth/');
    const circle = circlesOf(among).map(written);
    expect(known.filter((one) => !circle.includes(one))).toEqual([]);
  });

  it('in a circle are found, and what only leads to it is not', () => {
    const chain = (text: string) => text.split(' ').map((one) => ({ from: one[0] ?? '', to: one[1] ?? '' }));
    expect(circlesOf(chain('ab bc ca xa cz')).map(written)).toEqual(['a → b', 'b → c', 'c → a']);
    expect(circlesOf(chain('ab bc ac'))).toEqual([]);
  });
});
