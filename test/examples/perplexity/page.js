// Runs in a page: the model in ONNX Runtime and in transformers.js, what the text costs by the tensors of each, in the title.
import { AutoModelForCausalLM, AutoTokenizer, env, Tensor } from '@huggingface/transformers';
import * as ort from 'onnxruntime-web/wasm';
import { load } from 'simdloss';
import { costOf, windowsOf } from '../../../examples/perplexity/evaluate.ts';

/** One thread, from beside the page. */
function settle(/** @type {any} */ wasm) {
  wasm.numThreads = 1;
  wasm.wasmPaths = '/ort/';
}

async function see() {
  const F = await load();
  const text = await (await fetch('/text')).text();
  settle(ort.env.wasm);
  const session = await ort.InferenceSession.create('/model/onnx/model.onnx');
  const windows = windowsOf(new TextEncoder().encode(text));
  const feeds = { input_ids: new ort.Tensor('int64', windows.ids, windows.shape) };
  const { logits } = await session.run(feeds);

  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = '/';
  env.useBrowserCache = false;
  settle(env.backends.onnx.wasm);
  const tokenizer = await AutoTokenizer.from_pretrained('model');
  const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32', device: 'wasm' });
  const own = windowsOf(tokenizer(text).input_ids.data);
  const input_ids = new Tensor('int64', own.ids, own.shape);
  const attention_mask = new Tensor('int64', new BigInt64Array(own.ids.length).fill(1n), own.shape);
  const answer = await model({ input_ids, attention_mask });
  return { 'onnxruntime-web': costOf(F, logits, windows), 'transformers.js': costOf(F, answer.logits, own) };
}

see().then(
  (saw) => {
    document.title = JSON.stringify(saw);
  },
  (error) => {
    document.title = JSON.stringify({ failure: `${error?.message ?? error} ${error?.stack}` });
  },
);
