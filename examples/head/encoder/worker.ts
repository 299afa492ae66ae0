// The encoder in a thread of its own: loads what it needs once, says how far it is, and answers each sentence with its embedding.
import { EmbeddingsModel } from '@energetic-ai/embeddings';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { enableProdMode, env, setBackend } from '@tensorflow/tfjs-core';
import type { Answer, Question } from '../page/encoder.ts';

const answer = (message: Answer): void => self.postMessage(message);

async function start(): Promise<{ embed(sentence: string): Promise<number[]> }> {
  enableProdMode();
  // threads would be made from a blob, which the page's policy forbids
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths('encoder/');
  if (!(await setBackend('wasm'))) throw new Error('TensorFlow.js does not run here');
  const onProgress = (share: number) => answer({ share });
  const [model, vocabulary] = await Promise.all([
    loadGraphModel('encoder/model.json', { onProgress }),
    fetch('encoder/vocab.json').then((response) => response.json()),
  ]);
  return new EmbeddingsModel({ model, vocabulary });
}

const encoder = start();
encoder.catch((error) => answer({ failure: String(error?.message ?? error) }));

self.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  try {
    const embedding = Float32Array.from(await (await encoder).embed(data.sentence));
    answer({ number: data.number, embedding });
  } catch (error) {
    answer({ failure: String((error as Error)?.message ?? error) });
  }
});
