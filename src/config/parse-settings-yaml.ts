/** Parses gatehouse.yaml. Error messages quote nothing from the file: it may be a secret. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { ConfigurationError } from './configuration-error.ts';

const QUOTE = "write a value with signs in it between quotation marks, as in master_key: 'value'";
const REFERENCE = `a value begins with * or &, which YAML takes for a reference; ${QUOTE}`;
const TAG = `a value begins with !, which YAML takes for a tag; ${QUOTE}`;
const OTHERWISE = `a sign is missing or is one too many; write each setting as "setting: value", and ${QUOTE}`;

/** Messages by the error code of the YAML parser, whose own messages quote values. */
const WORDS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: REFERENCE,
  BAD_ALIAS: REFERENCE,
  MULTIPLE_ANCHORS: REFERENCE,
  MULTIPLE_TAGS: TAG,
  TAG_RESOLVE_FAILED: TAG,
  BAD_SCALAR_START: `a value begins with a sign that YAML keeps for itself, such as @ or %; ${QUOTE}`,
  BAD_DIRECTIVE: `a line begins with %, which YAML takes for a directive; ${QUOTE}`,
  BAD_DQ_ESCAPE:
    'a \\ in double quotation marks stands before what it cannot stand before; write single ones',
  BAD_INDENT: `the spaces before the line do not fit, or a value above it has no end; ${QUOTE}`,
  NON_STRING_KEY: `a list or a group stands where a name belongs; ${QUOTE}`,
  TAB_AS_INDENT: 'a tab is at the beginning of the line; write spaces',
  DUPLICATE_KEY: 'a name stands there for the second time; keep one of them',
  MULTIPLE_DOCS: 'a second document begins (---); keep one of them',
};

export interface SettingsText {
  readonly content: unknown;
  /** The line of a name at the outermost level, counted from 1. */
  lineOf(name: string): number | undefined;
}

/** Throws {@link ConfigurationError}. */
export function parseSettingsText(file: string, text: string): SettingsText {
  const counter = new LineCounter();
  // By default the parser writes warnings, which may quote a value, to standard error; "silent" would suppress errors too.
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
  });
  const lineAt = (position: number) => counter.linePos(position).line;
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw notYaml(file, lineAt(fault.pos[0]), WORDS[fault.code] ?? OTHERWISE);
  const reference = findLooseReference(document);
  if (reference) throw notYaml(file, lineAt(reference.range?.[0] ?? 0), REFERENCE);
  return { content: valuesOf(file, document), lineOf: (name) => lineOf(document, name, lineAt) };
}

function notYaml(file: string, line: number, words: string): ConfigurationError {
  return new ConfigurationError(`${file} is not YAML: in line ${line} ${words}`);
}

/** An alias without an anchor, or an anchor that no alias uses. */
function findLooseReference(document: Document): Node | undefined {
  const unused = new Map<string, Node>();
  const named = new Set<string>();
  let loose: Node | undefined;
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        unused.delete(node.source);
        if (named.has(node.source)) return undefined;
        loose = node;
        return visit.BREAK;
      }
      if (node.anchor !== undefined) {
        unused.set(node.anchor, node);
        named.add(node.anchor);
      }
      return undefined;
    },
  });
  return loose ?? [...unused.values()][0];
}

function valuesOf(file: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    throw new ConfigurationError(
      `${file} is not YAML: its references make too much of too little; write it out`,
    );
  }
}

function lineOf(document: Document, name: string, lineAt: (position: number) => number): number | undefined {
  if (!isMap(document.contents)) return undefined;
  const key = document.contents.items
    .map((pair) => pair.key)
    .find((key) => isScalar(key) && key.value === name);
  const range = isNode(key) ? key.range : undefined;
  return range ? lineAt(range[0]) : undefined;
}
