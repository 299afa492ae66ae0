import { apartOf } from '../../src/cut/exports.ts';
import { half, helpers, type OwnSpec, ownSpecs, rowFigures } from '../../src/helpers/specs.ts';
import { descriptors } from '../../src/losses/registry.ts';

const HEAD = '// Generated from the registry by `npm run generate`; do not edit.\n';

const makers: Readonly<Record<OwnSpec['name'], { readonly create: string; readonly by: string }>> = {
  half: { create: 'createHalf', by: 'helpers/half' },
  argmax: { create: 'createArgmax', by: 'helpers/greatest' },
  topK: { create: 'createTopK', by: 'helpers/greatest' },
};

/** What a part is made of: where that stands, and what makes a function of it. */
const contents = [
  ...descriptors.map((it) => ({
    name: it.name,
    apart: apartOf(it),
    from: `losses/${it.name}`,
    create: 'createLoss',
    by: 'plan/callable',
  })),
  ...helpers.map(({ name }) => ({
    name,
    apart: [],
    from: 'helpers/specs',
    create: 'createHelper',
    by: 'helpers/helpers',
  })),
  {
    name: rowFigures.name,
    apart: [],
    from: 'helpers/specs',
    create: 'createRowFigures',
    by: 'helpers/rowFigures',
  },
  ...ownSpecs.map(({ name }) => ({ name, apart: [], from: 'helpers/specs', ...makers[name] })),
];

/** Whether it is of one dtype, or of all. */
const isOfAll = (name: string): boolean => ownSpecs.some((spec) => spec.name === name);
/** What there is to say of it. */
const saysOf = (name: string): string =>
  name === half.name
    ? 'What losses and helpers take f16 and bf16 with, for `load({ losses: [crossEntropy, half] })`: no function of its own.'
    : `\`F.${name}\`${isOfAll(name) ? '' : ' in f32'}, for \`load({ losses: [${name}] })\`${isOfAll(name) ? '' : `; 'simdloss/losses/${name}/f64' has it in f64 too`}.`;

const part = ({ name, from, create, by }: (typeof contents)[number]): string => `${HEAD}
import { ${create} } from '../../${by}.ts';
import { ${name} as of } from '../../${from}.ts';
import type { Part } from '../part.ts';
import f32 from './${name}.f32.wasm';

export * from '../load.ts';

/** ${saysOf(name)} */
export const ${name}: Part<'${name}'> = { name: '${name}', of, create: ${create}, f32 };
`;

const withF64 = (name: string): string => `${HEAD}
import { ${name} as part } from './${name}.ts';
import type { Part } from '../part.ts';
import f64 from './${name}.f64.wasm';

export * from '../load.ts';

/** \`F.${name}\` in f32 and f64, for \`load({ losses: [${name}] })\`. */
export const ${name}: Part<'${name}'> = { ...part, f64 };
`;

/** The part of `name` that `from` has, with more modules. */
const withApart = (name: string, from: string, apart: string, dtype: 'f32' | 'f64'): string => `${HEAD}
import { ${name} as part } from './${from}.ts';
import type { Part } from '../part.ts';
${dtype === 'f64' ? `import f64 from './${name}.f64.wasm';\n` : ''}import more from './${name}.${apart}.${dtype}.wasm';

export * from '../load.ts';

/** \`F.${name}\` with what 'simdloss/losses/${name}' leaves out${dtype === 'f64' ? ', in f32 and f64' : ", in f32; '…/f64' has it in f64 too"}. */
export const ${name}: Part<'${name}'> = { ...part, ${dtype === 'f64' ? 'f64, more: [...part.more!, more]' : 'more: [more]'} };
`;

const barrel = (): string => `${HEAD}
export * from '../load.ts';
${contents.map(({ name }) => `export { ${name} } from './${name}.ts';`).join('\n')}
`;

/**
 * src/parts/generated/: an entry for each loss or helper in f32, one that adds f64, the same two for what is apart, and one that has all
 * of the first.
 */
export const partSources = (): Record<string, string> =>
  Object.fromEntries(
    [
      ['index', barrel()],
      ...contents.flatMap((it) => [
        [it.name, part(it)],
        ...(isOfAll(it.name) ? [] : [[`${it.name}.f64`, withF64(it.name)]]),
        ...it.apart.flatMap((apart) => [
          [`${it.name}.${apart}`, withApart(it.name, it.name, apart, 'f32')],
          [`${it.name}.${apart}.f64`, withApart(it.name, `${it.name}.${apart}`, apart, 'f64')],
        ]),
      ]),
    ].map(([name, text]) => [`src/parts/generated/${name}.ts`, text]),
  );
