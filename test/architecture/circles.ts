/** Imports that go round. */
import { dirname } from 'node:path';
import type { SourceFile } from './source-files.ts';

/** What imports what, within a folder (`''` or `oauth/`): its folders, each as one, and the files beside them. */
export function importsAmong(files: readonly SourceFile[], folder: string): readonly Import[] {
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

export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Those that remain when every one that leads to an end, or comes from a beginning, is taken away again and again. */
export function circlesOf(imports: readonly Import[]): readonly Import[] {
  const left = imports.filter(
    ({ from, to }) => imports.some((one) => one.from === to) && imports.some((one) => one.to === from),
  );
  return left.length === imports.length ? left : circlesOf(left);
}

/** Every folder that the files are in, the outermost as `''`, the others with a slash at their end. */
export function foldersOf(files: readonly SourceFile[]): readonly string[] {
  const named = files.map(({ path }) => dirname(path)).filter((one) => one !== '.');
  return ['', ...new Set(named.map((one) => `${one}/`))];
}
