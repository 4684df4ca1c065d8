/** Folders import each other in no circle; of files, Biome says so. */
import { describe, expect, it } from 'vitest';
import { circlesOf, foldersOf, type Import, importsAmong } from './circles.ts';
import { files } from './source-files.ts';

const written = ({ from, to }: Import) => `${from} → ${to}`;

describe('folders', () => {
  const folders = foldersOf(files);

  it('do not import each other in a circle, at any depth', () => {
    expect(folders).toEqual(
      expect.arrayContaining(['', 'oauth/', 'storage/', 'commands/', 'oauth/clients/']),
    );
    const circles = folders.flatMap((folder) => circlesOf(importsAmong(files, folder)).map(written));
    expect(circles).toEqual([]);
  });

  it('in a circle are found, and those that only import one of it are not', () => {
    const chain = (text: string) => text.split(' ').map((one) => ({ from: one[0] ?? '', to: one[1] ?? '' }));
    expect(circlesOf(chain('ab bc ca xa cz')).map(written)).toEqual(['a → b', 'b → c', 'c → a']);
    expect(circlesOf(chain('ab bc ac'))).toEqual([]);
  });
});
