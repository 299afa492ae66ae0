// TensorFlow.js for the compiler, which has it only where it was installed.
declare module '@tensorflow/tfjs-core';
declare module '@tensorflow/tfjs-backend-cpu';
declare module '@tensorflow/tfjs-backend-webgl';
declare module '@tensorflow/tfjs-layers';
