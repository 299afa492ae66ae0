// Starts a service worker and an AudioWorklet, and leaves what they saw in the document's title.
import { tried } from './calls.js';

async function inServiceWorker() {
  const { serviceWorker } = navigator;
  const registration = await serviceWorker.register('/bundled/serviceWorker.js', { scope: '/bundled/' });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  worker?.postMessage('see', [port2]);
  const saw = await answer;
  await registration.unregister();
  return saw;
}

async function inWorklet() {
  const context = new OfflineAudioContext(1, 44100, 44100);
  await context.audioWorklet.addModule('/bundled/worklet.js');
  const node = new AudioWorkletNode(context, 'probe');
  const answer = new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
  });
  // there is no fetch in there: bytes are posted
  node.port.postMessage(await (await fetch('/dist/simdloss.wasm')).arrayBuffer());
  node.connect(context.destination);
  context.startRendering();
  return answer;
}

Promise.all([tried(inServiceWorker), tried(inWorklet)]).then(([serviceWorker, worklet]) => {
  document.title = JSON.stringify({ serviceWorker, worklet });
});
