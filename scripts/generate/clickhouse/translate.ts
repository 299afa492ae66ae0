// What a loss's descriptor makes of its options (kernel, params, soft …), as AssemblyScript: its functions are run on options that are
// not known yet. What is known is worked out; the rest becomes expressions, and where they decide, both ways are followed.
import { readFileSync } from 'node:fs';
import ts from '@typescript/typescript6';

/** Something that descriptors compute. */
export type Value =
  | { readonly is: 'known'; readonly value: unknown }
  /** An f64; `mayLack`: which is NaN where it is not given. */
  | { readonly is: 'number'; readonly text: string; readonly mayLack?: true }
  | { readonly is: 'truth'; readonly text: string }
  /** One of several words, of which the expression has the index from 1 on. */
  | { readonly is: 'word'; readonly text: string; readonly choices: readonly string[] }
  | { readonly is: 'list'; readonly items: readonly Value[] }
  | { readonly is: 'record'; readonly get: (name: string) => Value }
  | { readonly is: 'function'; readonly call: (given: readonly Value[]) => Value }
  | { readonly is: 'either'; readonly test: string; readonly yes: Value; readonly no: Value }
  /** The message of an error. */
  | { readonly is: 'error'; readonly message: string };

export const known = (value: unknown): Value => ({ is: 'known', value });
const number = (text: string): Value => ({ is: 'number', text });
const truth = (text: string): Value => ({ is: 'truth', text });

/** An f64 as AssemblyScript has it. */
export const literal = (x: number): string => {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x < 0 ? '-Infinity' : 'Infinity';
  return /[.e]/.test(`${x}`) ? `${x}` : `${x}.0`;
};

/** What f makes of a value, whichever it is. */
export function lift(value: Value, f: (value: Value) => Value): Value {
  if (value.is === 'error') return value;
  return value.is === 'either' ? either(value.test, lift(value.yes, f), lift(value.no, f)) : f(value);
}

function either(test: string, yes: Value, no: Value): Value {
  if (yes.is === 'known' && no.is === 'known') {
    if (yes.value === no.value) return yes;
    if (yes.value === true && no.value === false) return truth(test);
    if (yes.value === false && no.value === true) return truth(`!${test}`);
  }
  if (yes.is === 'truth' && no.is === 'known' && no.value === false) return truth(`(${test} && ${yes.text})`);
  if (yes.is === 'known' && yes.value === true && no.is === 'truth') return truth(`(${test} || ${no.text})`);
  return { is: 'either', test, yes, no };
}

const wrong = (what: string): never => {
  throw new Error(`src/losses: ${what} is not what the adapter of ClickHouse can be made of`);
};

/** The expression of a number, or of whether something is so. */
export function textOf(value: Value): string {
  if (value.is === 'number' || value.is === 'truth') return value.text;
  if (value.is === 'either') return `(${value.test} ? ${textOf(value.yes)} : ${textOf(value.no)})`;
  if (value.is === 'known' && typeof value.value === 'number') return literal(value.value);
  if (value.is === 'known' && typeof value.value === 'boolean') return String(value.value);
  return wrong(`a ${value.is}`);
}

/** Whether a value counts as true. */
function test(value: Value): Value {
  return lift(value, (v) => {
    if (v.is === 'known') return known(Boolean(v.value));
    if (v.is === 'number') return truth(`(${v.text} != 0)`);
    return v.is === 'truth' ? v : known(true);
  });
}

const decide = (on: Value, yes: () => Value, no: () => Value): Value =>
  lift(test(on), (t) => {
    if (t.is === 'known') return t.value ? yes() : no();
    return either(textOf(t), yes(), no());
  });

const both = (a: Value, b: Value, f: (a: Value, b: Value) => Value): Value =>
  lift(a, (x) => lift(b, (y) => f(x, y)));

const isText = (v: Value): boolean => v.is === 'known' && typeof v.value === 'string';

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => unknown>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '**': (a, b) => a ** b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
};

function binary(operator: string, a: Value, b: Value): Value {
  return both(a, b, (x, y) => {
    const f = OPERATIONS[operator] ?? wrong(operator);
    if (x.is === 'known' && y.is === 'known') return known(f(x.value as number, y.value as number));
    const isEqual = operator === '===' || operator === '!==';
    if (isEqual && (x.is === 'word' || isText(y))) {
      if (x.is !== 'word' || y.is !== 'known') return known(operator === '!==');
      const at = x.choices.indexOf(y.value as string) + 1;
      return truth(`(${x.text} ${operator.slice(0, 2)} ${at})`);
    }
    const text = `(${textOf(x)} ${isEqual ? operator.slice(0, 2) : operator} ${textOf(y)})`;
    return isEqual || /[<>]/.test(operator) ? truth(text) : number(text);
  });
}

const functionOf = (f: (...given: Value[]) => Value): Value => ({
  is: 'function',
  call: (given) => f(...given),
});
/** A function of numbers, worked out where they are known. */
const ofNumbers = (f: (...x: number[]) => unknown, text: (...x: string[]) => Value): Value =>
  functionOf((...given) =>
    given.every((v) => v.is === 'known')
      ? known(f(...given.map((v) => (v as { value: number }).value)))
      : lift(given[0], (a) =>
          given.length > 1
            ? lift(given[1], (b) => text(textOf(a), textOf(b)))
            : a.is === 'known'
              ? known(f(a.value as number))
              : text(textOf(a)),
        ),
  );

const recordOf = (members: Readonly<Record<string, Value>>): Value => ({
  is: 'record',
  get: (name) => members[name] ?? known(undefined),
});

const GLOBALS: Readonly<Record<string, Value>> = {
  undefined: known(undefined),
  Infinity: known(Infinity),
  NaN: known(Number.NaN),
  Math: recordOf({
    LN2: known(Math.LN2),
    PI: known(Math.PI),
    min: ofNumbers(Math.min, (a, b) => number(`min<f64>(${a}, ${b})`)),
    max: ofNumbers(Math.max, (a, b) => number(`max<f64>(${a}, ${b})`)),
    fround: ofNumbers(Math.fround, (a) => number(`f64(f32(${a}))`)),
  }),
  Number: functionOf((v) =>
    lift(v, (x) => (x.is === 'known' ? known(Number(x.value)) : number(`(${textOf(x)} ? 1.0 : 0.0)`))),
  ),
};
const OF_NUMBER: Readonly<Record<string, Value>> = {
  NaN: known(Number.NaN),
  MAX_VALUE: known(Number.MAX_VALUE),
  MIN_VALUE: known(Number.MIN_VALUE),
  POSITIVE_INFINITY: known(Infinity),
  NEGATIVE_INFINITY: known(-Infinity),
  isNaN: ofNumbers(Number.isNaN, (a) => truth(`isNaN<f64>(${a})`)),
  isInteger: ofNumbers(Number.isInteger, (a) => truth(`(trunc<f64>(${a}) == ${a})`)),
};

type Scope = ReadonlyMap<string, Value>;

/** A source file, whose declarations are looked at when they are needed. */
class Source {
  static readonly #all = new Map<string, Source>();
  readonly #url: URL;
  readonly #declared = new Map<string, () => Value>();

  static at(url: URL): Source {
    const found = Source.#all.get(url.href);
    if (found) return found;
    const source = new Source(url);
    Source.#all.set(url.href, source);
    return source;
  }

  constructor(url: URL) {
    this.#url = url;
    const file = ts.createSourceFile(url.pathname, readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true);
    for (const statement of file.statements) this.#declare(statement);
  }

  #declare(statement: ts.Statement): void {
    if (ts.isImportDeclaration(statement)) {
      const from = (statement.moduleSpecifier as ts.StringLiteral).text;
      const names = statement.importClause?.namedBindings;
      if (names === undefined || !ts.isNamedImports(names)) return;
      for (const { name, propertyName } of names.elements)
        this.#declared.set(name.text, () =>
          Source.at(new URL(from, this.#url)).get((propertyName ?? name).text),
        );
    } else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isIdentifier(name) && initializer)
          this.#declared.set(name.text, () => this.#value(initializer, new Map()));
    } else if (ts.isFunctionDeclaration(statement) && statement.name) {
      this.#declared.set(statement.name.text, () => this.#function(statement, new Map()));
    }
  }

  get(name: string): Value {
    if (name === 'expected') return functionOf((_, option, wanted, got) => errorOf(option, wanted, got));
    return this.#declared.get(name)?.() ?? GLOBALS[name] ?? wrong(`${name} of ${this.#url.pathname}`);
  }

  #function(node: ts.FunctionLikeDeclaration, outer: Scope): Value {
    return functionOf((...given) => {
      const scope = new Map(outer);
      node.parameters.forEach(({ name, initializer }, i) => {
        const isLeft = given[i] === undefined && initializer !== undefined;
        this.#bind(name, isLeft ? this.#value(initializer, outer) : (given[i] ?? known(undefined)), scope);
      });
      const { body } = node;
      if (body === undefined) return wrong('a function without a body');
      return ts.isBlock(body) ? this.#run(body.statements, scope) : this.#value(body, scope);
    });
  }

  #run(statements: readonly ts.Statement[], outer: Scope): Value {
    const scope = new Map(outer);
    for (let i = 0; i < statements.length; i++) {
      const statement = statements[i];
      const rest = (first?: ts.Statement): Value => {
        const block = first === undefined ? [] : ts.isBlock(first) ? first.statements : [first];
        return this.#run([...block, ...statements.slice(i + 1)], scope);
      };
      if (ts.isReturnStatement(statement)) return this.#value(statement.expression!, scope);
      if (ts.isIfStatement(statement))
        return decide(
          this.#value(statement.expression, scope),
          () => rest(statement.thenStatement),
          () => rest(statement.elseStatement),
        );
      if (!ts.isVariableStatement(statement)) return wrong(statement.getText());
      for (const { name, initializer } of statement.declarationList.declarations)
        this.#bind(name, this.#value(initializer!, scope), scope);
    }
    return known(undefined);
  }

  #bind(name: ts.BindingName, value: Value, scope: Map<string, Value>): void {
    if (ts.isIdentifier(name)) scope.set(name.text, value);
    else if (ts.isArrayBindingPattern(name))
      name.elements.forEach((element, i) => {
        if (!ts.isOmittedExpression(element)) this.#bind(element.name, item(value, i), scope);
      });
    else
      for (const { name: own, propertyName } of name.elements)
        this.#bind(own, member(value, ((propertyName ?? own) as ts.Identifier).text), scope);
  }

  #value(node: ts.Expression, scope: Scope): Value {
    const of = (n: ts.Expression): Value => this.#value(n, scope);
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
      return of(node.expression);
    if (ts.isIdentifier(node)) return scope.get(node.text) ?? this.get(node.text);
    if (ts.isNumericLiteral(node)) return known(Number(node.text.replaceAll('_', '')));
    if (ts.isStringLiteralLike(node)) return known(node.text);
    if (node.kind === ts.SyntaxKind.TrueKeyword) return known(true);
    if (node.kind === ts.SyntaxKind.FalseKeyword) return known(false);
    if (ts.isArrowFunction(node)) return this.#function(node, scope);
    if (ts.isArrayLiteralExpression(node))
      return listOf(
        node.elements.map((e) => (ts.isSpreadElement(e) ? { spread: of(e.expression) } : { one: of(e) })),
      );
    if (ts.isObjectLiteralExpression(node)) return this.#object(node, scope);
    if (ts.isConditionalExpression(node))
      return decide(
        of(node.condition),
        () => of(node.whenTrue),
        () => of(node.whenFalse),
      );
    if (ts.isPropertyAccessExpression(node)) {
      if (ts.isIdentifier(node.expression) && node.expression.text === 'Number')
        return OF_NUMBER[node.name.text] ?? wrong(node.getText());
      return member(of(node.expression), node.name.text);
    }
    if (ts.isElementAccessExpression(node))
      return lift(of(node.argumentExpression), (key) =>
        key.is === 'known' ? member(of(node.expression), String(key.value)) : wrong(node.getText()),
      );
    if (ts.isTypeOfExpression(node)) return lift(of(node.expression), typeOf);
    if (ts.isPrefixUnaryExpression(node)) {
      const value = of(node.operand);
      if (node.operator === ts.SyntaxKind.ExclamationToken)
        return lift(test(value), (t) => (t.is === 'known' ? known(!t.value) : truth(`!${textOf(t)}`)));
      if (node.operator === ts.SyntaxKind.MinusToken)
        return lift(value, (v) =>
          v.is === 'known' ? known(-(v.value as number)) : number(`(-${textOf(v)})`),
        );
    }
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      if (operator === '&&')
        return lift(of(node.left), (left) =>
          decide(
            left,
            () => of(node.right),
            () => (left.is === 'truth' ? known(false) : left.is === 'number' ? known(0) : left),
          ),
        );
      if (operator === '||')
        return lift(of(node.left), (left) =>
          decide(
            left,
            () => (left.is === 'truth' ? known(true) : left),
            () => of(node.right),
          ),
        );
      return binary(operator, of(node.left), of(node.right));
    }
    if (ts.isCallExpression(node)) {
      const f = of(node.expression);
      return f.is === 'function' ? f.call(node.arguments.map(of)) : wrong(node.getText());
    }
    return wrong(node.getText());
  }

  #object(node: ts.ObjectLiteralExpression, scope: Scope): Value {
    const members = new Map<string, () => Value>();
    for (const property of node.properties) {
      // what is spread is of no concern to what is computed
      if (ts.isPropertyAssignment(property))
        members.set(property.name.getText(), () => this.#value(property.initializer, scope));
      else if (ts.isShorthandPropertyAssignment(property))
        members.set(property.name.text, () => scope.get(property.name.text) ?? this.get(property.name.text));
    }
    return { is: 'record', get: (name) => members.get(name)?.() ?? known(undefined) };
  }
}

function errorOf(option: Value, wanted: Value, got: Value): Value {
  const text = (v: Value): string => (v.is === 'known' ? String(v.value) : wrong('a message'));
  return { is: 'error', message: `"${text(option)}" expected ${text(wanted)}, got ${text(got)}` };
}

/** Of what may lack, a number where it is there. */
function typeOf(value: Value): Value {
  if (value.is === 'known') return known(typeof value.value);
  if (value.is === 'number' && value.mayLack)
    return either(`!isNaN<f64>(${value.text})`, known('number'), known('undefined'));
  return known(value.is === 'number' ? 'number' : value.is === 'truth' ? 'boolean' : 'string');
}

const member = (value: Value, name: string): Value =>
  lift(value, (v) => (v.is === 'record' ? v.get(name) : wrong(`${name} of a ${v.is}`)));
const item = (value: Value, i: number): Value =>
  lift(value, (v) => (v.is === 'list' ? v.items[i] : wrong(`item ${i} of a ${v.is}`)));

function listOf(parts: readonly ({ spread: Value } | { one: Value })[]): Value {
  return parts.reduce<Value>(
    (list, part) =>
      both(list, 'spread' in part ? part.spread : known(undefined), (l, more) => {
        const items = (l as { items: readonly Value[] }).items;
        if ('one' in part) return { is: 'list', items: [...items, part.one] };
        return more.is === 'list' ? { is: 'list', items: [...items, ...more.items] } : wrong('a spread');
      }),
    { is: 'list', items: [] },
  );
}

/** What a descriptor's function returns for these arguments. */
export function run(loss: string, name: string, given: readonly Value[]): Value {
  const descriptor = Source.at(new URL(`../../../src/losses/${loss}.ts`, import.meta.url)).get(loss);
  const f = member(descriptor, name);
  return f.is === 'function' ? f.call(given) : f;
}

/** A record of the options. */
export const optionsOf = (options: Readonly<Record<string, Value>>): Value => recordOf(options);
