// What an editor shows where a function is called: its docstring, and the options that it has.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { optionTables } from '../../src/plan/options.ts';
import { isThere, modules, project } from './installed.ts';

const COMMON = ['reduction', 'sampleWeight', 'allIgnored', 'gradOutput', 'out'];

describe.skipIf(!isThere).each(['5.9'])('the language service of TypeScript %s', (version) => {
  const made = isThere ? project() : undefined!;
  afterAll(() => made?.remove());
  const ts = isThere ? createRequire(join(modules, 'x.js'))(`typescript-${version}`) : undefined;
  const file = isThere ? join(made.folder, 'open.ts') : '';
  let text = '';
  let edits = 0;
  const service = ts?.createLanguageService({
    getCompilationSettings: () => ({
      ...{ strict: true, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts'] },
      ...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] },
    }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name: string) => (name === file ? `${edits}` : '0'),
    getScriptSnapshot: (name: string) => {
      try {
        return ts.ScriptSnapshot.fromString(name === file ? text : readFileSync(name, 'utf8'));
      } catch {
        return undefined;
      }
    },
    getCurrentDirectory: () => made.folder,
    getDefaultLibFileName: (options: object) => ts.getDefaultLibFilePath(options),
    ...{ fileExists: ts.sys.fileExists, readFile: ts.sys.readFile, directoryExists: ts.sys.directoryExists },
    ...{ getDirectories: ts.sys.getDirectories, realpath: ts.sys.realpath },
  });

  /** Opens lines with a cursor, `|`, in each; where these are. All at once: an edit costs the checker all that it knows. */
  const open = (lines: readonly string[]): number[] => {
    text = `import type { LossFunctions, Tensor } from 'simdloss';
declare const F: LossFunctions;
declare const x: Tensor<'f32'>, t: any;
`;
    edits++;
    return lines.map((line) => {
      const at = text.length + line.indexOf('|');
      text += `${line.replace('|', '')}\n`;
      return at;
    });
  };
  const plain = (parts: unknown): string => ts.displayPartsToString(parts);
  const completions = (lines: readonly string[]): string[][] =>
    open(lines).map(
      (at) =>
        service
          .getCompletionsAtPosition(file, at, {})
          ?.entries.map(({ name }: { name: string }) => name)
          .sort() ?? [],
    );
  const hovers = (lines: readonly string[]): { documentation: string; tags: string[] }[] =>
    open(lines.map((line) => line.replace(/~(.)/, '$1|'))).map((at) => {
      const { documentation, tags } = service.getQuickInfoAtPosition(file, at);
      return {
        documentation: plain(documentation),
        tags: (tags ?? []).map(({ name }: { name: string }) => name),
      };
    });
  /** Of each line the docs of its only signature. */
  const helps = (lines: readonly string[]): string[] =>
    open(lines).map((at) => {
      const { items } = service.getSignatureHelpItems(file, at, {});
      expect(items).toHaveLength(1);
      return plain(items[0].documentation);
    });

  it('knows the package', () => {
    open(['F.mse(x, x).toFixed();|']);
    expect(service.getSemanticDiagnostics(file)).toEqual([]);
  });

  describe.each(descriptors)('$name', (descriptor) => {
    const { name, batchmean } = descriptor;
    const own = Object.keys(descriptor.options);
    const tables = optionTables(descriptor);
    const given = ['x', ...descriptor.inputs.slice(1).map(() => 't')].join(', ');
    const hasHessian = descriptor.hessian !== undefined;
    const forms = ['grad', 'valueAndGrad', 'prepare', ...(hasHessian ? ['gradAndHess'] : [])];
    /** Calls whose options stand open at the cursor. */
    const calls = ['', ...forms.map((form) => `.${form}`)].map(
      (form) => `F.${name}${form}(${given}, { | });`,
    );

    it('hover and signature help say what it is, at a call and before one', () => {
      for (const { documentation, tags } of hovers([`F.~${name}(${given});`, `F.~${name};`])) {
        expect(documentation).toMatch(/value [\s\S]*gradient/);
        expect(tags).toContain('example');
      }
      expect(helps([`F.${name}(|${given});`])[0]).toMatch(/value [\s\S]*gradient/);
    });

    it('each form says what it is', () => {
      const says = [/gradient with respect to/, /in one pass/, /once/, /second derivative/];
      const docs = hovers(forms.map((form) => `F.${name}.~${form}(${given});`));
      const help = helps(forms.map((form) => `F.${name}.${form}(|${given});`));
      forms.forEach((_, i) => {
        expect(docs[i].documentation).toMatch(says[i]);
        expect(help[i]).toMatch(says[i]);
      });
    });

    it('options: all that a call takes, and no other', () => {
      const plainly = Object.keys(tables.plain).sort();
      expect(completions(calls)).toEqual([
        [...COMMON, ...own].sort(),
        plainly,
        plainly,
        Object.keys(tables.prepared).sort(),
        ...(hasHessian ? [Object.keys(tables.second).sort()] : []),
      ]);
    });

    it('reductions: those of this loss', () => {
      const wanted = ['mean', 'none', 'sum', ...(batchmean ? ['batchmean'] : [])].sort();
      const lines = calls.map((call) => call.replace('|', "reduction: '|'"));
      for (const offered of completions(lines)) expect(offered).toEqual(wanted);
    });

    it('every option has its docs', () => {
      const options = [...COMMON, ...own, 'wrt', 'compute'];
      // dice has to be told
      const said = (option: string): string => (option === 'fromLogits' ? 'false' : 'undefined');
      const docs = hovers(
        options.map((option) => `F.${name}.prepare(${given}, { ~${option}: ${said(option)} });`),
      );
      docs.forEach(({ documentation }, i) => {
        expect(documentation, options[i]).not.toBe('');
      });
    });
  });

  it('values of other options', () => {
    const lines = [
      "F.mse.grad(x, t, { wrt: '|' });",
      "F.mse.grad(x, t, { wrt: ['|'] });",
      "F.mse.prepare(x, t, { compute: '|' });",
      "F.gaussianNll.grad(x, t, t, { wrt: '|' });",
      "F.bce(x, t, { epsMode: '|' });",
    ];
    expect(completions(lines)).toEqual([
      ['input', 'target'],
      ['input', 'target'],
      ['value', 'grad', 'valueAndGrad', 'gradAndHess'].sort(),
      ['input', 'target', 'var'],
      ['add', 'clip'],
    ]);
  });

  it('helpers', () => {
    const names = ['softmax', 'logSoftmax', 'logSumExp', 'sigmoid', 'exp', 'log1p'];
    const docs = hovers(names.map((name) => `F.~${name}(x);`)).map(({ documentation }) => documentation);
    for (const doc of docs) expect(doc).not.toBe('');
    expect(helps(names.map((name) => `F.${name}(|x);`))).toEqual(docs);
    expect(helps(['F.softmax.grad(|x, x);'])[0]).toMatch(/Gradient/);
    expect(completions(['F.softmax(x, { | });', 'F.exp(x, { | });'])).toEqual([['axis', 'out'], ['out']]);
  });
});
