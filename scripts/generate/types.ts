// What the types and their doc comments say, by the compiler: declarations may change their form.
import { fileURLToPath } from 'node:url';
import type { Node } from 'typescript/unstable/ast';
import {
  API,
  type Checker,
  type Symbol as Named,
  type Project,
  SignatureKind,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync';

export type { Named };

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the checker knows of the sources. */
export class Sources {
  readonly #project: Project;
  readonly #checker: Checker;

  constructor(project: Project) {
    this.#project = project;
    this.#checker = project.checker;
  }

  exportsOf(path: string): Map<string, Named> {
    const module = this.#checker.getSymbolAtLocation(this.#project.program.getSourceFile(root + path)!)!;
    return new Map(
      this.#checker
        .getExportsOfModule(module)
        .map((symbol) => [
          symbol.name,
          symbol.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol,
        ]),
    );
  }

  doc(symbol: Named): string {
    return this.#checker.getDocumentationCommentOfSymbol(symbol).trim();
  }

  /** Doc comment and examples. */
  text(symbol: Named): string {
    const examples = this.#tags(symbol, 'example').map((text) => `\`\`\`typescript\n${text}\n\`\`\``);
    return [this.doc(symbol), ...examples].filter((part) => part !== '').join('\n\n');
  }

  #tags(symbol: Named, wanted: string): string[] {
    return this.#checker
      .getJsDocTagsOfSymbol(symbol)
      .flatMap(({ name, text }) => (name === wanted ? [String(text ?? '')] : []));
  }

  /** The members of an exported type that are meant for its users. */
  members(symbol: Named): Named[] {
    return this.propertiesOf(this.#checker.getDeclaredTypeOfSymbol(symbol));
  }

  propertiesOf(type: Type): Named[] {
    return this.#checker
      .getPropertiesOfType(type)
      .filter((member) => !/^(__|#)/.test(member.name) && this.#tags(member, 'internal').length === 0);
  }

  typeOf(symbol: Named): Type {
    return this.#checker.getTypeOfSymbol(symbol)!;
  }

  /** The type of a property as its declaration writes it. */
  typeText(symbol: Named): string {
    const node = symbol.declarations[0].resolve(this.#project) as Node & { type?: Node };
    return (node.type?.getText(node.getSourceFile()) ?? '').replace(/ \| undefined$/, '');
  }

  /** How it is called: the names of the parameters, of the longest way where there are several. */
  call(symbol: Named): string | undefined {
    const ways = this.#checker
      .getSignaturesOfType(this.typeOf(symbol), SignatureKind.Call)
      .map((signature) => signature.getParameters().map(({ name }) => name));
    if (ways.length === 0) return undefined;
    const names = ways.reduce((most, names) => (names.length > most.length ? names : most));
    return `(${names.map((name) => (name === 'options' ? 'options?' : name)).join(', ')})`;
  }

  /** What is said of the options of any of a function's calls, by their names. */
  optionDocs(symbol: Named): Map<string, string> {
    const docs = new Map<string, string>();
    for (const signature of this.#checker.getSignaturesOfType(this.typeOf(symbol), SignatureKind.Call)) {
      const parameter = signature.getParameters().find(({ name }) => name === 'options');
      if (parameter === undefined) continue;
      const given = this.#checker.getNonNullableType(this.typeOf(parameter))!;
      const type = this.#checker.getBaseConstraintOfType(given) ?? given;
      for (const option of this.propertiesOf(type)) {
        const doc = this.doc(option);
        if (doc !== '' && !docs.has(option.name)) docs.set(option.name, doc);
      }
    }
    return docs;
  }

  /** The same of a loss and of all that it can be asked for. */
  allOptionDocs(loss: Named): Map<string, string> {
    const forms = [loss, ...this.propertiesOf(this.typeOf(loss))];
    return new Map(forms.flatMap((form) => [...this.optionDocs(form)]).reverse());
  }

  /** As it is written in the sources. */
  declaration(symbol: Named): string {
    return symbol.declarations
      .map((handle) => {
        const node = handle.resolve(this.#project)!;
        return node.getText(node.getSourceFile());
      })
      .join('\n');
  }
}

/** What a task makes of the sources. */
export function withSources<R>(task: (sources: Sources) => R): R {
  const api = new API({ cwd: root });
  try {
    return task(
      new Sources(api.updateSnapshot({ openProject: `${root}tsconfig.build.json` }).getProjects()[0]),
    );
  } finally {
    api.close();
  }
}
