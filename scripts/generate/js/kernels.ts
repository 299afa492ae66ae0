// The JS backend's kernels by name.
import type { KernelSpec } from '../../../src/losses/descriptor.ts';
import { kernels } from '../../../src/losses/registry.ts';
import type { Loop } from '../../../src/wasm/loops.ts';
import { Imports } from '../imports.ts';
import { type Dtype, handWritten, pointwiseName } from './twin.ts';

export function kernelsSource(dtype: Dtype): string {
  const imports = new Imports();
  const use = (file: string, name: string) => imports.use(`${handWritten(dtype)}/${file}.ts`, name);
  const usePoints = (file: string) => imports.use(`../../points/${file}.ts`, `* as ${file}`) && file;
  const kernelOf = ({ name, file, column, template, apart }: KernelSpec, loop: Loop): string => {
    if (template === 'curved') return use('softmax', 'curved');
    if ((template && template !== 'ternary') || ['sequences', 'allPairs', 'overlaps'].includes(loop) || apart)
      return use(name, name);
    if (loop === 'map') return use('maps', name);
    if (loop === 'project') return use('projection', 'projection');
    if (loop === 'pick') return `${use('classes', 'pick')}(${usePoints(file)})`;
    if (loop === 'rows' || column === 'SoftmaxColumn') return use('softmax', 'softmax');
    if (column === 'ClassColumn') return `${use('classes', 'column')}(${usePoints(file)})`;
    return loop === 'lanes' ? use(file, name) : imports.use('../pointwise.ts', pointwiseName(name, dtype));
  };
  const lines = kernels.flatMap((kernel) =>
    kernel.loops.map((loop) => `${kernel.name}_${loop}: ${kernelOf(kernel, loop)},`),
  );
  use('prepass', 'prepass');
  return `// Generated from the registry by \`npm run generate\`; do not edit.
${imports}

export const kernels = {
${lines.join('\n')}
prepass,
};
`;
}
