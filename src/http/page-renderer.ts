/** Renders the pages of views/, compiled once. */
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { type Language, languages } from '../config/built-in-page-languages.ts';
import { createTexts, escapeValue, textsIn, viewsDirectory } from '../config/page-texts-and-dates.ts';
import { type Asset, type AssetName, readAssets } from './read-page-assets.ts';

export interface Renderer {
  page(name: string, data: object, language: Language): string;
  /** By path, which contains the hash of the content, so an asset never changes. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** The path of the icon, below the host. */
  readonly icon: string;
}

/** `basePath` is the issuer's path, which begins every link; tests pass other `views`. */
export function createRenderer(
  options: { basePath: string; issuer: string },
  views: URL = viewsDirectory,
): Renderer {
  const eta = new Eta({
    views: fileURLToPath(views),
    cache: true,
    autoEscape: true,
    escapeFunction: escapeValue,
  });
  const assets = readAssets();
  const paths = assets.map(([name, { path }]) => [name, options.basePath + path] as const);
  const shared = {
    languages,
    base: options.basePath,
    issuerHost: new URL(options.issuer).host,
    issuerOrigin: new URL(options.issuer).origin,
    ...(Object.fromEntries(paths) as Record<AssetName, string>),
  };
  const english = createTexts(languages[0], views);
  const byLanguage = new Map(
    languages.map((one) => [one.tag as string, { ...shared, ...textsIn(one, views, english) }]),
  );
  return {
    icon: shared.icon,
    page(name, data, { tag }) {
      return eta.render(`/${name}`, { ...data, ...byLanguage.get(tag), page: name.replace('/', '-') });
    },
    assets: new Map(assets.map(([, { path, asset }]) => [path, asset])),
  };
}
