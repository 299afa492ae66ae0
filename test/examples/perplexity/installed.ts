// Whether what runs the model of examples/perplexity is installed, and what PyTorch says of the text.
import { existsSync, readFileSync } from 'node:fs';
import { missing } from '../../missing.ts';

const folder = new URL('../../../examples/perplexity/', import.meta.url);
export const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const { dependencies } = JSON.parse(read('runtimes/package.json'));
export const isThere = Object.keys(dependencies).every((name) =>
  existsSync(new URL(`runtimes/node_modules/${name}`, folder)),
);
if (!isThere) {
  const install = 'npm ci --prefix examples/perplexity/runtimes';
  missing({
    what: 'examples/perplexity',
    why: 'ONNX Runtime and transformers.js are not installed',
    install,
  });
}

export const expected = JSON.parse(read('expected.json'));
