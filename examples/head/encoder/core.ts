// What @energetic-ai/embeddings takes from @energetic-ai/core, whose build is for Node, as TensorFlow.js has it for pages.
export { loadGraphModel } from '@tensorflow/tfjs-converter';
export { div, dot, mul, norm, ready, tensor1d, tensor2d, util } from '@tensorflow/tfjs-core';
