// A page with a Web Worker; what was seen goes into the document's title.
import { Peer, type Reply } from './peer.ts';
import { scenarios } from './scenarios.ts';

async function run() {
  const axpy = await (await fetch('axpy.wasm')).arrayBuffer();
  const worker = new Worker('worker.js', { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the worker: ${message}`));
  });
  const peer = new Peer({
    post: (question) => worker.postMessage(question),
    onReply: (listener) => worker.addEventListener('message', ({ data }: { data: Reply }) => listener(data)),
  });
  const saw = await Promise.race([scenarios(peer, axpy), failed]);
  worker.terminate();
  return { isolated: crossOriginIsolated, ...saw };
}

run().then(
  (saw) => {
    document.title = JSON.stringify(saw);
  },
  (error) => {
    document.title = JSON.stringify({ failure: `${error} ${error.stack}` });
  },
);
