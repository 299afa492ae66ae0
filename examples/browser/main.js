import { load } from 'simdloss';
import { CLASSES, fetchDigits } from './digits.js';
import { createDigits, createWeights, drawCurve, drawPredictions, drawWeights } from './draw.js';
import { createModel } from './model.js';
import { Trainer } from './trainer.js';

const STEPS_PER_FRAME = 2;
const SHOWN = 24;

/** @template {Element} E @param {string} id @returns {E} */
const at = (id) => /** @type {E} */ (/** @type {unknown} */ (document.getElementById(id)));
/** @param {string} id @param {string} text */
const write = (id, text) => {
  at(id).textContent = text;
};

async function start() {
  const [wasm, js, { training, heldOut }] = await Promise.all([
    load(),
    load({ backend: 'js' }),
    fetchDigits('data/digits.csv.gz'),
  ]);
  const trainers = { wasm: new Trainer(wasm, training, heldOut), js: new Trainer(js, training, heldOut) };
  const weights = createWeights(at('weights'));
  const digits = createDigits(at('digits'), heldOut, SHOWN);
  let trainer = trainers.wasm;
  let model = createModel();
  let running = false;
  let steps = 0;
  /** @type {import('./draw.js').Point[]} */
  let points = [];

  const show = () => {
    const loss = trainer.evaluate(model);
    const tested = trainer.test(model);
    // a change of the smoothing shows at once, without a step
    if (points.at(-1)?.step === steps) points.pop();
    points.push({ step: steps, training: loss, heldOut: tested.loss });
    write('steps', String(steps));
    write('loss', loss.toFixed(4));
    write('heldOutLoss', tested.loss.toFixed(4));
    write('accuracy', `${(100 * tested.accuracy).toFixed(1)} %`);
    drawCurve(at('curve'), points);
    drawWeights(weights, model.weights);
    drawPredictions(digits, tested.read);
  };
  const step = () => {
    trainer.step(model);
    steps++;
  };
  const frame = () => {
    if (!running) return;
    for (let i = 0; i < STEPS_PER_FRAME; i++) step();
    show();
    requestAnimationFrame(frame);
  };
  const time = () => {
    const times = { wasm: trainers.wasm.time(), js: trainers.js.time() };
    for (const name of /** @type {const} */ (['wasm', 'js'])) {
      /** @type {HTMLElement} */
      const bar = at(`${name}Bar`);
      bar.style.width = `${(100 * times[name]) / Math.max(times.wasm, times.js)}%`;
      write(`${name}Time`, `${times[name].toFixed(3)} ms`);
    }
  };
  /** @param {boolean} on */
  const setRunning = (on) => {
    running = on;
    write('run', on ? 'Pause' : 'Train');
    if (on) requestAnimationFrame(frame);
    else time();
  };

  const button = (/** @type {string} */ id, /** @type {() => void} */ act) => {
    /** @type {HTMLButtonElement} */
    const element = at(id);
    element.addEventListener('click', act);
    element.disabled = false;
  };
  button('run', () => setRunning(!running));
  button('once', () => {
    step();
    show();
  });
  button('reset', () => {
    model = createModel();
    steps = 0;
    points = [];
    show();
  });
  /** @type {HTMLFieldSetElement} */
  const backends = at('backends');
  backends.addEventListener('change', (event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    trainer = trainers[/** @type {'wasm' | 'js'} */ (value)];
    show();
  });
  backends.disabled = false;
  /** @type {HTMLInputElement} */
  const smoothing = at('smoothing');
  smoothing.addEventListener('input', () => {
    write('smoothingValue', smoothing.value);
    for (const each of Object.values(trainers)) each.smooth(smoothing.valueAsNumber);
    show();
  });
  smoothing.disabled = false;

  write('callSize', `${training.rows.toLocaleString('en')} × ${CLASSES}`);
  show();
  time();
}

start().catch((error) => {
  const problem = /** @type {HTMLElement} */ (at('problem'));
  problem.textContent = `${error.code ?? error.name}: ${error.message}`;
  problem.hidden = false;
});
