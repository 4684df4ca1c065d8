/** Which declarations of src/ a file leads to: by what it names of others, and what these name in turn. */
import { dirname, join } from 'node:path/posix';
import { parseSync, type Statement, Visitor } from 'oxc-parser';
import type { Source } from './called-functions.ts';

interface Module {
  /** What each declaration at the top names; also what is no declaration, under the name ''. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Each imported name, with the file and the name there. Types are none. */
  readonly imports: ReadonlyMap<string, Place>;
}

type Place = readonly [path: string, name: string];

/** Whether the file leads to the declaration `name` of `to`. Throws where a text is no program. */
export type Reaches = (path: string, [to, name]: Place) => boolean;

/** Reads all files. */
export function readReached(sources: readonly Source[]): Reaches {
  const modules = new Map(sources.map((source) => [source.path, readModule(source)]));
  const next = ([path, name]: Place): readonly Place[] => {
    const module = modules.get(path);
    const imported = module?.imports.get(name);
    if (imported) return [imported];
    return [...(module?.named.get(name) ?? [])].map((one) => [path, one]);
  };
  return (path, wanted) => {
    const names = [...(modules.get(path)?.named.keys() ?? [])];
    const waiting: Place[] = names.map((name) => [path, name]);
    const seen = new Set(waiting.map(String));
    for (const place of waiting)
      for (const one of next(place))
        if (!seen.has(String(one))) {
          seen.add(String(one));
          waiting.push(one);
        }
    return seen.has(String(wanted));
  };
}

function readModule({ path, text }: Source): Module {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const imports = new Map<string, Place>();
  const named = new Map<string, Set<string>>();
  const identifiers: { readonly name: string; readonly start: number }[] = [];
  new Visitor({ Identifier: ({ name, start }) => void identifiers.push({ name, start }) }).visit(program);
  for (const statement of program.body) {
    readFrom(path, statement, imports);
    if (statement.type === 'ImportDeclaration') continue;
    const { start, end } = statement;
    const within = identifiers.filter((one) => one.start >= start && one.start < end);
    for (const name of declaredIn(statement))
      named.set(name, new Set([...(named.get(name) ?? []), ...within.map((one) => one.name)]));
  }
  return { named, imports };
}

/** Adds the names that the statement takes from other files of these. Throws where it takes them in a way that hides them. */
function readFrom(path: string, statement: Statement, imports: Map<string, Place>): void {
  const hides =
    statement.type === 'ExportAllDeclaration' ||
    (statement.type === 'ExportNamedDeclaration' && !statement.declaration);
  if (hides) throw new Error(`${path}: export { … } or export * hides what it leads to`);
  if (statement.type !== 'ImportDeclaration' || statement.importKind === 'type') return;
  if (!statement.source.value.startsWith('.')) return;
  const from = join(dirname(path), statement.source.value);
  for (const one of statement.specifiers) {
    if (one.type !== 'ImportSpecifier' || one.imported.type !== 'Identifier')
      throw new Error(`${path}: an import without a name hides what it leads to`);
    if (one.importKind !== 'type') imports.set(one.local.name, [from, one.imported.name]);
  }
}

function declaredIn(statement: Statement): readonly string[] {
  const declaration =
    statement.type === 'ExportNamedDeclaration' && statement.declaration ? statement.declaration : statement;
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration')
    return [declaration.id?.name ?? ''];
  if (declaration.type !== 'VariableDeclaration') return [''];
  return declaration.declarations.map(({ id }) => (id.type === 'Identifier' ? id.name : ''));
}
