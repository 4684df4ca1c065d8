/** Calls whose answer decides nothing where they stand: dropped, or a promise taken for yes. */
import { type Expression, parseSync, Visitor } from 'oxc-parser';
import {
  type Callees,
  callsIn,
  readCallees,
  replyingMethodsIn,
  type Source,
  verifyingMethodsIn,
} from './called-functions.ts';

/** Each as `path:line name`. */
export interface CarelessCalls {
  /**
   * The answer is dropped, in which a refusal may be, that there was nothing to spend, or that it is not good; that of
   * oauth/ or storage/tables/ which promises true or false, or the changed row; in a page, any answer that says something.
   */
  readonly dropped: readonly string[];
  /** A promise is asked whether it is true, and every promise is: `await` was forgotten. */
  readonly notAwaited: readonly string[];
}

/**
 * Of the functions that a file declares or imports by name; methods and what is passed in are not followed, but that a
 * method verifies is known by its name.
 */
export function findCarelessCalls(sources: readonly Source[]): CarelessCalls {
  const callees = readCallees(sources);
  const replying = new Set(sources.filter(isOfPage).flatMap(replyingMethodsIn));
  const found = sources.map((source) => findIn(source, callees, replying));
  return {
    dropped: found.flatMap(({ dropped }) => dropped),
    notAwaited: found.flatMap(({ notAwaited }) => notAwaited),
  };
}

const isOfPage = ({ path }: Source) => path.startsWith('http/pages/');

function findIn({ path, text }: Source, callees: Callees, replying: ReadonlySet<string>): CarelessCalls {
  const dropped = new Set<string>();
  const notAwaited = new Set<string>();
  const named = ({ start }: Expression, name: string) =>
    `${path}:${text.slice(0, start).split('\n').length} ${name}`;
  const inCondition = (test: Expression | null) => {
    for (const one of test ? operands(test) : [])
      for (const name of one.type === 'AwaitExpression' ? [] : callsIn(one))
        if (callees(path, name)?.isPromise) notAwaited.add(named(one, name));
  };
  new Visitor({
    ExpressionStatement({ expression }) {
      for (const name of callsIn(withoutVoid(expression))) {
        const answer = callees(path, name);
        if (answer?.refuses || answer?.spends || answer?.verifies || answer?.decides || answer?.changes)
          dropped.add(named(expression, name));
        if (!path.startsWith('http/pages/')) continue;
        const isReply = answer ? answer.replies : replying.has(name);
        if (isReply || answer?.tells) dropped.add(named(expression, name));
      }
      for (const name of verifyingMethodsIn(withoutVoid(expression))) dropped.add(named(expression, name));
      const method = methodIn(withoutVoid(expression));
      if (path.startsWith('http/pages/') && method !== undefined && replying.has(method))
        dropped.add(named(expression, method));
    },
    IfStatement: ({ test }) => inCondition(test),
    ConditionalExpression: ({ test }) => inCondition(test),
    WhileStatement: ({ test }) => inCondition(test),
    DoWhileStatement: ({ test }) => inCondition(test),
    ForStatement: ({ test }) => inCondition(test),
    LogicalExpression: ({ left }) => inCondition(left),
    UnaryExpression({ operator, argument }) {
      if (operator === '!') inCondition(argument);
    },
  }).visit(parseSync(path, text).program);
  return { dropped: [...dropped], notAwaited: [...notAwaited] };
}

/** The name of the method that an expression calls. */
function methodIn(value: Expression): string | undefined {
  if (value.type === 'AwaitExpression') return methodIn(value.argument);
  if (value.type !== 'CallExpression' || value.callee.type !== 'MemberExpression') return undefined;
  const { property } = value.callee;
  return property.type === 'Identifier' ? property.name : undefined;
}

function withoutVoid(expression: Expression): Expression {
  return expression.type === 'UnaryExpression' && expression.operator === 'void'
    ? expression.argument
    : expression;
}

/** What is asked of a condition, one by one. */
function operands(test: Expression): readonly Expression[] {
  if (test.type === 'LogicalExpression') return [...operands(test.left), ...operands(test.right)];
  if (test.type === 'ConditionalExpression')
    return [...operands(test.consequent), ...operands(test.alternate)];
  if (test.type === 'ParenthesizedExpression') return operands(test.expression);
  return [test];
}
