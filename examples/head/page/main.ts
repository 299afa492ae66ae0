import { load } from 'simdloss';
import { drawCurve } from '../../browser/draw.js';
import { drawReliability, reliabilityText, writeConfusion, writeHead, writeProbabilities } from './charts.ts';
import { inOrder, rowsOf, type Sentences } from './data.ts';
import { Encoder } from './encoder.ts';
import { Head, type Judged, predicted } from './head.ts';

const at = <E extends Element = HTMLElement>(id: string): E => document.getElementById(id) as unknown as E;
const write = (id: string, text: string): void => {
  at(id).textContent = text;
};

async function fetched(name: string): Promise<Response> {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
}

async function start(): Promise<void> {
  const [F, sentences, embeddings] = await Promise.all([
    load(),
    fetched('sentences.json').then((response) => response.json() as Promise<Sentences>),
    fetched('embeddings.f32').then(async (response) => new Float32Array(await response.arrayBuffer())),
  ]);
  const { classes } = sentences;
  const { training, heldOut } = rowsOf(sentences, embeddings);
  const heldOutSentences = inOrder(sentences).slice(training.labels.length);
  const head = new Head(F, training, classes.length);
  let running = false;
  let steps = 0;
  let points: { step: number; training: number; heldOut: number }[] = [];
  /** Of the visitor's sentence. */
  let own: Float32Array | undefined;

  const showOwn = (): void => {
    if (own === undefined) return;
    writeProbabilities(at('answer'), classes, head.probabilities(head.logits(own)));
    at('answer').hidden = false;
  };
  const showMisread = ({ probabilities }: Judged): void => {
    const taken = predicted(probabilities, classes.length);
    const wrong = heldOutSentences.flatMap((sentence, row) => {
      const [label, c] = [heldOut.labels[row], taken[row]];
      if (c === label) return [];
      const item = document.createElement('li');
      const how = document.createElement('span');
      const sure = Math.round(100 * probabilities[row * classes.length + c]);
      how.textContent = `${classes[label]}, taken for ${classes[c]} with ${sure} %`;
      item.append(sentence, how);
      return [{ item, sure }];
    });
    // those first of which it is most sure
    wrong.sort((a, b) => b.sure - a.sure);
    at('misread').replaceChildren(...wrong.slice(0, 6).map(({ item }) => item));
    const more = wrong.length - 6;
    write('misreadNote', wrong.length === 0 ? 'None.' : more > 0 ? `And ${more} more.` : '');
  };
  const show = (): void => {
    const objective = head.objective();
    const [before, after] = [head.judge(training), head.judge(heldOut)];
    // a change of the smoothing shows at once, without a step
    if (points.at(-1)?.step === steps) points.pop();
    points.push({ step: steps, training: before.loss, heldOut: after.loss });
    write('steps', String(steps));
    write('objective', objective.toFixed(4));
    write('trainingLoss', before.loss.toFixed(4));
    write('heldOutLoss', after.loss.toFixed(4));
    write('accuracy', `${(100 * after.accuracy).toFixed(1)} %`);
    write('ece', after.ece.toFixed(3));
    drawCurve(at('curve'), points, 1.5);
    drawReliability(at('reliability'), after.bins);
    write('reliabilityText', reliabilityText(after.bins));
    writeConfusion(at('confusion'), classes, after.confusion);
    showMisread(after);
    showOwn();
  };
  const step = (): void => {
    head.step();
    steps++;
  };
  const frame = (): void => {
    if (!running) return;
    step();
    show();
    requestAnimationFrame(frame);
  };

  const button = (id: string, act: () => void): void => {
    const element = at<HTMLButtonElement>(id);
    element.addEventListener('click', act);
    element.disabled = false;
  };
  button('run', () => {
    running = !running;
    write('run', running ? 'Pause' : 'Train');
    if (running) requestAnimationFrame(frame);
  });
  button('once', () => {
    step();
    show();
  });
  button('reset', () => {
    head.reset();
    steps = 0;
    points = [];
    show();
  });
  const smoothing = at<HTMLInputElement>('smoothing');
  smoothing.addEventListener('input', () => {
    write('smoothingValue', smoothing.value);
    head.smooth(smoothing.valueAsNumber);
    show();
  });
  smoothing.disabled = false;

  const progress = at<HTMLProgressElement>('progress');
  const encoder = new Encoder((share) => {
    progress.value = share;
    progress.hidden = share === 1;
  });
  at('ask').addEventListener('submit', async (event) => {
    event.preventDefault();
    const sentence = at<HTMLInputElement>('sentence').value.trim();
    if (sentence === '') return;
    write('asked', own === undefined ? 'The encoder is being loaded …' : 'Being encoded …');
    try {
      own = await encoder.embed(sentence);
      write('asked', `“${sentence}”${steps === 0 ? ' – the head has learnt nothing yet' : ''}`);
      showOwn();
    } catch (error) {
      if ((error as Error).name === 'AbortError') return;
      progress.hidden = true;
      write('asked', `The encoder does not run: ${(error as Error).message}`);
    }
  });
  at<HTMLButtonElement>('classify').disabled = false;

  const [many, few] = [training, heldOut].map(({ labels }) => labels.length);
  write('counts', `${many} sentences of ${classes.length} classes to train with, ${few} held out.`);
  writeHead(at('taken'), classes);
  show();
  document.documentElement.dataset.ready = '';
}

start().catch((error) => {
  const problem = at('problem');
  problem.textContent = `${error.code ?? error.name}: ${error.message}`;
  problem.hidden = false;
});
