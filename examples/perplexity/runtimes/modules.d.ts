// For the compiler, which has them only where they were installed.
declare module '@huggingface/transformers';
declare module 'onnxruntime-web/wasm' {
  export * from 'onnxruntime-web';
}
