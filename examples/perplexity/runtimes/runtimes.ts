// Three ways to run the model. Each says which tokens a text has, and answers with logits in a tensor of its own.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Logits {
  readonly data: Float32Array;
  /** [rows, length, 256]. */
  readonly dims: readonly number[];
}

export interface Runtime {
  tokens(text: string): ArrayLike<number | bigint>;
  /** Of tokens of shape [rows, length]. */
  logits(ids: BigInt64Array, shape: readonly number[]): Promise<Logits>;
}

const folder = new URL('../model/', import.meta.url);
const onnx = new URL('onnx/model.onnx', folder);

/** A token is a byte. */
async function onnxRuntime(ort: typeof import('onnxruntime-node'), provider: string): Promise<Runtime> {
  const session = await ort.InferenceSession.create(readFileSync(onnx), { executionProviders: [provider] });
  return {
    tokens: (text) => new TextEncoder().encode(text),
    logits: async (ids, shape) =>
      (await session.run({ input_ids: new ort.Tensor('int64', ids, shape) })).logits,
  };
}

async function transformers(): Promise<Runtime> {
  const { AutoModelForCausalLM, AutoTokenizer, env, Tensor } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = fileURLToPath(new URL('..', folder));
  const tokenizer = await AutoTokenizer.from_pretrained('model');
  const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32' });
  return {
    tokens: (text) => tokenizer(text).input_ids.data,
    logits: async (ids, shape) => {
      const attention_mask = new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape);
      return (await model({ input_ids: new Tensor('int64', ids, shape), attention_mask })).logits;
    },
  };
}

export const runtimes: Readonly<Record<string, () => Promise<Runtime>>> = {
  'onnxruntime-node': async () => onnxRuntime(await import('onnxruntime-node'), 'cpu'),
  'onnxruntime-web': async () => onnxRuntime(await import('onnxruntime-web'), 'wasm'),
  'transformers.js': transformers,
};
