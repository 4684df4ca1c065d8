/** What the functions of src/ that a text calls by their name answer with: a refusal, a promise. */
import { dirname, join } from 'node:path/posix';
import {
  type Expression,
  type Function as FunctionNode,
  type Program,
  parseSync,
  type TSType,
  Visitor,
} from 'oxc-parser';

export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Answer {
  /** A refusal may be in it. */
  readonly refuses: boolean;
  readonly isPromise: boolean;
  /** It says whether what can be used once was there to be used. */
  readonly spends: boolean;
  /** It says whether it inserted, updated or deleted a row. */
  readonly changes: boolean;
  /** Its name says that it verifies. */
  readonly verifies: boolean;
  /** Of oauth/ or storage/tables/, it promises true or false: whether something was done, or is so. */
  readonly decides: boolean;
  /** Below http/, it says whether something was done or is so: by true or false, or by undefined. */
  readonly tells: boolean;
  /** It answers the request. */
  readonly replies: boolean;
}

interface Declared {
  readonly isAsync: boolean;
  readonly type: TSType | undefined;
  /** What it returns, of a function that declares no type. */
  readonly returned: Expression[];
}

interface Module {
  readonly functions: ReadonlyMap<string, Declared>;
  /** Each imported name, with the file and the name there. */
  readonly imports: ReadonlyMap<string, readonly [path: string, name: string]>;
  readonly types: ReadonlyMap<string, TSType>;
}

/** The names, in storage/, of what uses up what can be used once. */
const SPENDS = /^(?:consume|rotate|spend|take)(?![a-z])/;

/** The names, in storage/tables/, of what changes rows, as far as it says whether there was one to change. */
const CHANGES = /^(?:delete|insert|update)(?![a-z])/;

/** The names of what says whether a signature, or what else was shown, is good. */
const VERIFIES = /^verify(?![a-z])/;

/** Where true and false decide what is granted, or say what was changed. */
const DECIDES = /^(?:oauth|storage\/tables)\//;

const REFUSES = /(?:Refusal|Checked|Verdict)$/;

/** Answers for a name as it stands in a file; undefined for what is no function of these files. */
export type Callees = (path: string, name: string) => Answer | undefined;

/** Reads all files. Throws where a text is no program. */
export function readCallees(sources: readonly Source[]): Callees {
  const modules = new Map(sources.map((source) => [source.path, readModule(source)]));
  const answerTo = (path: string, name: string, asked: readonly string[]): Answer | undefined => {
    const module = modules.get(path);
    const id = `${path} ${name}`;
    if (!module || asked.includes(id)) return undefined;
    const declared = module.functions.get(name);
    if (declared) {
      const called = declared.type ? [] : declared.returned.flatMap(callsIn);
      const passedOn = called.map((one) => answerTo(path, one, [...asked, id]));
      return {
        refuses: refuses(declared.type, path) || passedOn.some((one) => one?.refuses),
        isPromise: declared.isAsync || isPromise(declared.type) || passedOn.some((one) => one?.isPromise),
        spends: path.startsWith('storage/') && SPENDS.test(name),
        changes: path.startsWith('storage/tables/') && CHANGES.test(name) && tells(declared.type),
        verifies: VERIFIES.test(name),
        decides: DECIDES.test(path) && promisesBoolean(declared.type),
        tells: !path.startsWith('http/') && tells(declared.type),
        replies: namesIn(declared.type).includes('FastifyReply'),
      };
    }
    const imported = module.imports.get(name);
    return imported && answerTo(...imported, [...asked, id]);
  };
  const refuses = (type: TSType | undefined, path: string, asked: readonly string[] = []): boolean =>
    namesIn(type).some((name) => {
      const id = `${path} ${name}`;
      if (REFUSES.test(name)) return true;
      if (asked.includes(id)) return false;
      const [from, as] = modules.get(path)?.imports.get(name) ?? [path, name];
      return refuses(modules.get(from)?.types.get(as), from, [...asked, id]);
    });
  return (path, name) => answerTo(path, name, []);
}

function readModule({ path, text }: Source): Module {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const types = new Map<string, TSType>();
  const functions = new Map<string, Declared>();
  const names = new Map<number, string>();
  const around: Declared[] = [];
  const enter = (node: Pick<FunctionNode, 'async' | 'returnType' | 'start'>, name?: string) => {
    const declared = { isAsync: node.async, type: node.returnType?.typeAnnotation, returned: [] };
    around.push(declared);
    if (name !== undefined) functions.set(name, declared);
  };
  const leave = () => void around.pop();
  new Visitor({
    TSTypeAliasDeclaration: ({ id, typeAnnotation }) => void types.set(id.name, typeAnnotation),
    VariableDeclarator({ id, init }) {
      if (init && id.type === 'Identifier') names.set(init.start, id.name);
    },
    FunctionDeclaration: (node) => enter(node, node.id?.name),
    'FunctionDeclaration:exit': leave,
    FunctionExpression: (node) => enter(node, names.get(node.start)),
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression(node) {
      enter(node, names.get(node.start));
      if (node.body.type !== 'BlockStatement') around.at(-1)?.returned.push(node.body);
    },
    'ArrowFunctionExpression:exit': leave,
    ReturnStatement({ argument }) {
      if (argument) around.at(-1)?.returned.push(argument);
    },
  }).visit(program);
  return { functions, imports: readImports(path, program), types };
}

/** Those by name, from other files of these. */
function readImports(path: string, { body }: Program): Module['imports'] {
  const imports = new Map<string, readonly [string, string]>();
  for (const one of body) {
    if (one.type !== 'ImportDeclaration' || !one.source.value.startsWith('.')) continue;
    const from = join(dirname(path), one.source.value);
    for (const specifier of one.specifiers)
      if (specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier')
        imports.set(specifier.local.name, [from, specifier.imported.name]);
  }
  return imports;
}

/** The names of the functions whose answer may be the value of an expression. */
export function callsIn(value: Expression): readonly string[] {
  return calleesIn(value).flatMap((callee) => (callee.type === 'Identifier' ? [callee.name] : []));
}

/** The same of methods, as far as their name says that they verify. */
export function verifyingMethodsIn(value: Expression): readonly string[] {
  const names = calleesIn(value).flatMap((callee) =>
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? [callee.property.name] : [],
  );
  return names.filter((name) => VERIFIES.test(name));
}

function calleesIn(value: Expression): readonly Expression[] {
  switch (value.type) {
    case 'CallExpression':
      return [value.callee];
    case 'ConditionalExpression':
      return [...calleesIn(value.consequent), ...calleesIn(value.alternate)];
    case 'LogicalExpression':
      return [...calleesIn(value.left), ...calleesIn(value.right)];
    case 'AwaitExpression':
      return calleesIn(value.argument);
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return calleesIn(value.expression);
    default:
      return [];
  }
}

/** The names that a type is a union of, also as what is promised. */
function namesIn(type: TSType | undefined): readonly string[] {
  if (type?.type === 'TSUnionType') return type.types.flatMap(namesIn);
  if (type?.type === 'TSParenthesizedType') return namesIn(type.typeAnnotation);
  if (type?.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return [];
  const { name } = type.typeName;
  return name === 'Promise' ? (type.typeArguments?.params.flatMap(namesIn) ?? []) : [name];
}

/** Whether true or false, or undefined beside something else, is in it or in what it promises. */
function tells(type: TSType | undefined): boolean {
  if (type?.type === 'TSBooleanKeyword') return true;
  if (type?.type === 'TSUnionType')
    return type.types.some((one) => one.type === 'TSUndefinedKeyword' || tells(one));
  const promised = type?.type === 'TSTypeReference' && isPromise(type) ? type.typeArguments?.params : [];
  return promised?.some(tells) ?? false;
}

function promisesBoolean(type: TSType | undefined): boolean {
  const isPromised = type?.type === 'TSTypeReference' && isPromise(type);
  const promised = isPromised ? (type.typeArguments?.params ?? []) : [];
  return promised.some((one) => one.type === 'TSBooleanKeyword');
}

/** The names of the methods of the interfaces in a text that answer the request. */
export function replyingMethodsIn({ path, text }: Source): readonly string[] {
  const names: string[] = [];
  new Visitor({
    TSMethodSignature({ key, returnType }) {
      if (key.type === 'Identifier' && namesIn(returnType?.typeAnnotation).includes('FastifyReply'))
        names.push(key.name);
    },
  }).visit(parseSync(path, text).program);
  return names;
}

function isPromise(type: TSType | undefined): boolean {
  return (
    type?.type === 'TSTypeReference' &&
    type.typeName.type === 'Identifier' &&
    type.typeName.name === 'Promise'
  );
}
