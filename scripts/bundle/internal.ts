// Names of properties that only the package's own code reads, which minifying shortens: those that its classes and interfaces declare,
// and that nobody else can mean.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from '@typescript/typescript6';

const filesOf = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));

function visit(path: string, look: (node: ts.Node) => void): void {
  const each = (node: ts.Node): void => {
    look(node);
    ts.forEachChild(node, each);
  };
  each(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
}

const nameOf = (node: ts.Node): string | undefined => {
  const name = (node as ts.NamedDeclaration).name;
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
};

/** What workers are sent, and the command, are in bundles of their own. */
const isApart = (path: string): boolean => /src.(threads|cut)\b/.test(path);
/** What knows instances by what is public of them is, too, and shares nothing else with the others. */
const isOfInstances = (path: string): boolean =>
  !/(src|dist).(evaluate|evaluation|tfjs|duckdb|clickhouse|cli)\b/.test(path);

/**
 * A short name for each of them, the same in every file of the package; the most frequent have the shortest. `root`: the project's
 * folder, whose published types stand in dist/ and whose module is built.
 */
export function internalNames(root: string): Record<string, string> {
  const own = new Set<string>();
  const others = new Set<string>();
  const declare = (name: string | undefined): void => {
    if (name !== undefined) own.add(name);
  };
  const keep = (name: string | undefined): void => {
    if (name !== undefined) others.add(name);
  };
  /** All that a file says, be it a name or a text. */
  const keepAll = (path: string): void =>
    visit(path, (node) => {
      if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) keep(node.text);
    });

  const said = new Map<string, number>();
  /** Interfaces that something is only seen as: it may be somebody else's. */
  const seenAs = new Set<string>();
  const interfaces: ts.InterfaceDeclaration[] = [];
  for (const path of filesOf(join(root, 'src'), /\.ts$/).filter(isOfInstances)) {
    if (isApart(path)) keepAll(path);
    else
      visit(path, (node) => {
        if (ts.isIdentifier(node)) said.set(node.text, (said.get(node.text) ?? 0) + 1);
        // what is read by a text somewhere
        else if (ts.isStringLiteralLike(node)) keep(node.text);
        else if (ts.isTypeLiteralNode(node)) for (const member of node.members) keep(nameOf(member));
        else if (ts.isInterfaceDeclaration(node)) interfaces.push(node);
        else if (ts.isClassLike(node)) for (const member of node.members) declare(nameOf(member));
        else if (ts.isAsExpression(node) && ts.isTypeReferenceNode(node.type))
          seenAs.add(node.type.typeName.getText());
      });
  }
  for (const { name, members } of interfaces)
    for (const member of members) (seenAs.has(name.text) ? keep : declare)(nameOf(member));
  for (const path of filesOf(join(root, 'src'), /\.js$/)) keepAll(path);
  // what users can name
  for (const path of filesOf(join(root, 'dist'), /\.d\.ts$/).filter(isOfInstances))
    visit(path, (node) => {
      if (!ts.isParameter(node) && !ts.isTypeParameterDeclaration(node)) keep(nameOf(node));
      if (ts.isStringLiteralLike(node)) keep(node.text);
    });
  // what platforms have
  for (const path of filesOf(dirname(ts.getDefaultLibFilePath({})), /^lib\..*\.d\.ts$/))
    visit(path, (node) => {
      if (!ts.isParameter(node) && !ts.isTypeParameterDeclaration(node)) keep(nameOf(node));
    });
  const module = new WebAssembly.Module(readFileSync(join(root, 'build/simdloss.wasm')));
  for (const { name } of WebAssembly.Module.exports(module)) keep(name);
  const short = shorts(new Set([...others, ...own]));
  return Object.fromEntries(
    [...own]
      .filter((name) => !others.has(name))
      .sort((a, b) => said.get(b)! - said.get(a)! || (a < b ? -1 : 1))
      .map((name) => [name, short.next().value!]),
  );
}

const LETTERS = 'etnraisoculdpmfhgvbxyzwkqj';

/** Names of one letter, then of two, that are not taken. */
function* shorts(taken: ReadonlySet<string>): Generator<string> {
  for (const first of ['', ...LETTERS])
    for (const last of LETTERS) if (!taken.has(first + last)) yield first + last;
}
