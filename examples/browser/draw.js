// Pictures of numbers: the loss curve, the weights, the digits.
import { CLASSES, PIXELS } from './digits.js';

const SIDE = 8;

/** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
export function svg(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

const BOX = { left: 36, right: 520, top: 12, bottom: 212 };
const MOST_POINTS = 500;

/** @typedef {{ step: number, training: number, heldOut: number }} Point */

/** @param {Element} into @param {readonly Point[]} points @param {number} top the greatest loss that there is room for */
export function drawCurve(into, points, top = 2.5) {
  const steps = Math.max(100, points.at(-1)?.step ?? 0);
  const x = (/** @type {number} */ step) => BOX.left + (step / steps) * (BOX.right - BOX.left);
  const y = (/** @type {number} */ loss) => BOX.bottom - (Math.min(loss, top) / top) * (BOX.bottom - BOX.top);
  const parts = [];
  for (let loss = 0; loss <= top; loss += 0.5) {
    parts.push(svg('line', { class: 'grid', x1: BOX.left, x2: BOX.right, y1: y(loss), y2: y(loss) }));
    parts.push(svg('text', { x: BOX.left - 8, y: y(loss) + 4, 'text-anchor': 'end' }, loss.toFixed(1)));
  }
  parts.push(svg('text', { x: BOX.right, y: BOX.bottom + 18, 'text-anchor': 'end' }, `step ${steps}`));
  const every = Math.ceil(points.length / MOST_POINTS);
  const shown = points.filter((_, i) => i % every === 0 || i === points.length - 1);
  const last = shown.at(-1);
  for (const [name, title] of /** @type {const} */ ([
    ['training', 'training'],
    ['heldOut', 'held out'],
  ])) {
    const line = shown.map((point) => `${x(point.step).toFixed(1)},${y(point[name]).toFixed(1)}`).join(' ');
    parts.push(svg('polyline', { class: name, points: line }));
    if (last === undefined) continue;
    // labels keep clear of each other
    const other = last[name === 'training' ? 'heldOut' : 'training'];
    const above = last[name] > other || (last[name] === other && name === 'heldOut');
    const shift = Math.abs(y(last[name]) - y(other)) < 14 ? (above ? -4 : 12) : 4;
    parts.push(svg('text', { class: name, x: x(last.step) + 6, y: y(last[name]) + shift }, title));
  }
  into.replaceChildren(...parts);
}

/** Ten pictures, one for each class. @param {Element} into */
export function createWeights(into) {
  return Array.from({ length: CLASSES }, (_, digit) => {
    const figure = document.createElement('figure');
    const canvas = picture(`weights of ${digit}`);
    const caption = document.createElement('figcaption');
    caption.textContent = String(digit);
    figure.append(canvas, caption);
    into.append(figure);
    return canvas;
  });
}

/** Opacity is the size, so that the pictures fit a light page and a dark one. @param {HTMLCanvasElement[]} canvases @param {Float32Array} weights */
export function drawWeights(canvases, weights) {
  const most = weights.reduce((m, w) => Math.max(m, Math.abs(w)), 1e-12);
  canvases.forEach((canvas, digit) => {
    paint(canvas, (pixel) => {
      const w = weights[pixel * CLASSES + digit];
      return [...(w > 0 ? [64, 132, 240] : [226, 84, 72]), Math.sqrt(Math.abs(w) / most)];
    });
  });
}

/** The first rows of a split. @param {Element} into @param {import('./digits.js').Split} split @param {number} count */
export function createDigits(into, { pixels, labels }, count) {
  return Array.from({ length: count }, (_, row) => {
    const item = document.createElement('li');
    const canvas = picture(`a ${labels[row]}`);
    paint(canvas, (pixel) => [0, 0, 0, pixels[row * PIXELS + pixel]]);
    const read = document.createElement('span');
    item.append(canvas, read);
    into.append(item);
    return { item, read, label: labels[row] };
  });
}

/** @param {ReturnType<typeof createDigits>} digits @param {Int32Array} predicted */
export function drawPredictions(digits, predicted) {
  digits.forEach(({ item, read, label }, row) => {
    read.textContent = String(predicted[row]);
    item.classList.toggle('wrong', predicted[row] !== label);
  });
}

/** @param {string} label */
function picture(label) {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {(pixel: number) => number[]} colour red, green, blue, opacity from 0 to 1 */
function paint(canvas, colour) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(SIDE, SIDE);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const [red, green, blue, opacity] = colour(pixel);
    image.data.set([red, green, blue, 255 * opacity], 4 * pixel);
  }
  context.putImageData(image, 0, 0);
}
