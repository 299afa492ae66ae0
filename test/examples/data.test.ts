import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadDatasets } from '../../examples/train/data.ts';

const folder = new URL('../../examples/data/', import.meta.url);
const datasets = loadDatasets();

const shapes = {
  diabetes: { rows: 442, features: 10, outputs: 1 },
  'breast cancer': { rows: 569, features: 30, outputs: 1 },
  digits: { rows: 1797, features: 64, outputs: 10 },
};

describe.each(Object.values(datasets))('$name', (data) => {
  const { rows, features, outputs } = shapes[data.name];
  const { train, heldOut } = data;

  test('has its rows and columns, a fifth of the rows held out', () => {
    expect(train.rows + heldOut.rows).toBe(rows);
    expect(heldOut.rows).toBe(rows - Math.round(0.8 * rows));
    expect([data.features, data.outputs]).toEqual([features, outputs]);
    for (const part of [train, heldOut]) {
      expect(part.x).toHaveLength(part.rows * features);
      expect(part.y).toHaveLength(part.rows);
      expect(part.x.every(Number.isFinite)).toBe(true);
    }
  });

  test('is standardised over the training rows', () => {
    for (let feature = 0; feature < features; feature++) {
      let sum = 0;
      let squares = 0;
      for (let at = feature; at < train.x.length; at += features) {
        sum += train.x[at];
        squares += train.x[at] ** 2;
      }
      expect(sum / train.rows).toBeCloseTo(0, 5);
      // 0 for a pixel without ink anywhere
      const variance = squares / train.rows;
      expect(Math.min(variance, Math.abs(variance - 1))).toBeLessThan(1e-5);
    }
  });

  test('has no row both in training and held out', () => {
    const key = (x: Float32Array, row: number) => x.slice(row * features, (row + 1) * features).join();
    const seen = new Set(Array.from({ length: train.rows }, (_, row) => key(train.x, row)));
    const repeated = Array.from({ length: heldOut.rows }, (_, row) => key(heldOut.x, row)).filter((row) =>
      seen.has(row),
    );
    expect(repeated).toEqual([]);
  });

  test('is the same in every run', () => {
    expect(loadDatasets()[data.name]).toEqual(data);
  });
});

test('targets are what the losses expect', () => {
  const all = ({ train, heldOut }: (typeof datasets)['digits']) => [...train.y, ...heldOut.y];
  expect(new Set(all(datasets.digits))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  expect(datasets.digits.train.y).toBeInstanceOf(Int32Array);
  const benign = all(datasets['breast cancer']).filter((target) => target === 1);
  expect(benign).toHaveLength(357);
  expect(new Set(all(datasets['breast cancer']))).toEqual(new Set([0, 1]));
  // points of disease progression, 25 to 346
  const targets = all(datasets.diabetes);
  expect((Math.max(...targets) - Math.min(...targets)) * datasets.diabetes.unit).toBeCloseTo(346 - 25, 3);
});

test('every data file has a row of attribution: source, year, licence', () => {
  const rows = readFileSync(new URL('README.md', folder), 'utf8').split('\n');
  const files = readdirSync(folder).filter((file) => file !== 'README.md');
  expect(files).toHaveLength(4);
  for (const file of files) {
    const row = rows.find((line) => line.startsWith('|') && line.includes(file));
    expect(row, file).toMatch(/(19|20)\d\d; (CC BY 4\.0|public)/);
  }
});
