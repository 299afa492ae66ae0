// For the compiler, which has it only where it was installed.
declare module '@huggingface/transformers';
