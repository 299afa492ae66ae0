// src/evaluate/generated/kinds.ts: what the figures of a loss compare, told from what its inputs hold.
import type { KindSpec } from '../../src/evaluate/kinds.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { descriptors } from '../../src/losses/registry.ts';

function kindOf({ family, inputs, options }: Descriptor): KindSpec | undefined {
  const usual = Object.fromEntries(Object.entries(options).map(([name, { fallback }]) => [name, fallback]));
  const [input, target] = inputs.map(({ domain }) => domain(usual));
  // scores of classes have no probabilities
  if (family.name === 'classes') return input.what === undefined ? undefined : { name: 'classes' };
  if (family.name !== 'elementwise' || inputs.slice(2).some(({ shape }) => shape === 'first'))
    return undefined;
  if (target.what === 'probabilities' || target.what === 'labels') {
    const holds = input.what ?? 'scores';
    if (holds !== 'probabilities' && holds !== 'logits' && holds !== 'scores') return undefined;
    return { name: 'binary', input: holds, no: target.low };
  }
  return input.what === undefined && target.what === undefined ? { name: 'regression' } : undefined;
}

export function kindsSource(): string {
  const lines = descriptors.flatMap((descriptor) => {
    const kind = kindOf(descriptor);
    return kind === undefined ? [] : [`  ${descriptor.name}: ${JSON.stringify(kind)},`];
  });
  return `// Generated from the registry by \`npm run generate\`; do not edit.

export const kinds = {
${lines.join('\n')}
} as const;
`;
}
