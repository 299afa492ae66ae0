// Node's main thread with a worker_thread; argv: the worker's file and the other module's.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Peer } from './peer.ts';
import { scenarios } from './scenarios.ts';

const [, , file, axpy] = process.argv;
const worker = new Worker(file);
worker.on('error', (error) => {
  throw error;
});
const peer = new Peer({
  post: (question) => worker.postMessage(question),
  onReply: (listener) => worker.on('message', listener),
});
console.log(JSON.stringify(await scenarios(peer, Uint8Array.from(readFileSync(axpy)))));
await worker.terminate();
