// simdloss eval and merge over files of arrays and tables, beside evaluate() over the same numbers.
import { createWriteStream, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { random } from '../random.ts';
import { folder, npy, npyHeader, remove, results, running, simdloss, write } from './command.ts';

afterAll(remove);
const F = await load();
const r = random(7);
const ROWS = 3000;
const CLASSES = 9;
const logits = Float32Array.from({ length: ROWS * CLASSES }, () => 6 * r() - 3);
const labels = BigInt64Array.from({ length: ROWS }, () => BigInt(Math.floor(CLASSES * r())));
const weights = Float64Array.from({ length: ROWS }, () => Math.round(4 * r()) / 2);
const keys = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
const scores = Float64Array.from({ length: ROWS }, () => 8 * r() - 4);
const clicks = Int32Array.from({ length: ROWS }, () => Math.round(r()));
npy('logits.npy', logits, [ROWS, CLASSES]);
npy('labels.npy', labels);
npy('weights.npy', weights);
npy('keys.npy', keys);
const lines = (line: (i: number) => string): string =>
  `${Array.from({ length: ROWS }, (_, i) => line(i)).join('\n')}\n`;
const countries = ['de', 'fr', 'a, "b"'];
write(
  'table.csv',
  `score,click,country,w\n${lines((i) => `${scores[i]},${clicks[i]},"${countries[i % 3].replaceAll('"', '""')}",${weights[i]}`)}`,
);
write('table.tsv', `score\tclick\n${lines((i) => `${scores[i]}\t${clicks[i]}`)}`);
write(
  'rows.csv',
  `${Array.from({ length: CLASSES }, (_, c) => `logit_${c}`).join()},y\n${lines(
    (i) => `${logits.subarray(i * CLASSES, (i + 1) * CLASSES).join()},${labels[i]}`,
  )}`,
);
write(
  'rows.jsonl',
  lines((i) =>
    JSON.stringify({
      z: [...logits.subarray(i * CLASSES, (i + 1) * CLASSES)],
      y: Number(labels[i]),
      lang: countries[i % 3],
    }),
  ),
);

const CE = ['--loss', 'crossEntropy', '--pred', 'logits.npy', '--target', 'labels.npy'];
/** As JSON has it. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('arrays', () => {
  it('come to what evaluate says, to the bit', () => {
    const given = { data: logits, shape: [ROWS, CLASSES] };
    const figures = ['accuracy', 'ece', 'perplexity', 'perClass', 'confusion'] as const;
    const options = { labelSmoothing: 0.1, figures, topK: [2, 5], bins: 7 } as const;
    const e = evaluate(F, { loss: 'crossEntropy', ...options });
    e.add(given, labels, { group: keys });
    const flags = ['--label-smoothing', '0.1', '--figures', figures.join(), '--topK', '2,5', '--bins=7'];
    expect(results('eval', ...CE, ...flags, '--by', 'keys.npy')).toEqual(plain(e.result()));
  });

  it('weights, class weights and threads', () => {
    const own = Array.from({ length: CLASSES }, (_, c) => 1 + c / 4);
    const e = evaluate(F, { loss: 'crossEntropy', weight: own });
    e.add({ data: logits, shape: [ROWS, CLASSES] }, labels, { sampleWeight: Float32Array.from(weights) });
    for (const threads of ['1', '2'])
      expect(
        results('eval', ...CE, '--weight', 'weights.npy', '--classWeight', own.join(), '--threads', threads),
      ).toEqual(plain(e.result()));
  });

  it('sequences, a key for each', () => {
    npy('lm.npy', logits, [ROWS / 100, 100, CLASSES]);
    npy('tokens.npy', labels, [ROWS / 100, 100]);
    npy(
      'sequence.npy',
      Int32Array.from({ length: ROWS / 100 }, (_, i) => i),
    );
    const e = evaluate(F, {
      loss: 'crossEntropy',
      shift: 1,
      figures: ['perplexity', 'perplexityBySequence'],
    });
    const group = Array.from({ length: ROWS }, (_, i) => Math.floor(i / 100));
    e.add(
      { data: logits, shape: [ROWS / 100, 100, CLASSES] },
      { data: labels, shape: [ROWS / 100, 100] },
      { group },
    );
    const args = ['--pred', 'lm.npy', '--target', 'tokens.npy', '--by', 'sequence.npy', '--shift', '1'];
    expect(
      results('eval', '--loss', 'crossEntropy', ...args, '--figures', 'perplexity,perplexityBySequence'),
    ).toEqual(plain(e.result()));
  });

  it('rows along the last axis, wherever that is', () => {
    const shape = [20, 3, CLASSES];
    const scores = logits.slice(0, 540);
    const hits = Float32Array.from(scores, (x) => Number(x > 1));
    npy('several.npy', scores, shape);
    npy('hits.npy', hits, shape);
    npy('of.npy', keys.slice(0, 20));
    const group = Array.from({ length: 60 }, (_, i) => Math.floor(i / 3) % 3);
    const e = evaluate(F, { loss: 'multilabelSoftMargin' });
    e.add({ data: scores, shape }, { data: hits, shape }, { group });
    const args = ['--pred', 'several.npy', '--target', 'hits.npy', '--by', 'of.npy'];
    expect(results('eval', '--loss', 'multilabelSoftMargin', ...args)).toEqual(plain(e.result()));
  });

  it('other types are those of the first input, and a third input has its name', () => {
    const x = Float32Array.from(scores);
    npy('x.npy', x);
    npy('t.npy', clicks);
    npy(
      'v.npy',
      Float64Array.from(weights, (w) => w + 0.5),
    );
    const t = Float32Array.from(clicks);
    const v = Float32Array.from(weights, (w) => w + 0.5);
    const e = evaluate(F, { loss: 'gaussianNll', full: true, figures: ['rmse'] }).add(x, t, v);
    const args = ['--pred', 'x.npy', '--target', 't.npy', '--var', 'v.npy', '--full', '--figures', 'rmse'];
    expect(results('eval', '--loss', 'gaussianNll', ...args)).toEqual(plain(e.result()));
  });

  it('states are merged to the bit', () => {
    const half = ROWS / 2;
    npy('first.npy', logits.slice(0, half * CLASSES), [half, CLASSES]);
    npy('second.npy', logits.slice(half * CLASSES), [half, CLASSES]);
    npy('firstLabels.npy', labels.slice(0, half));
    npy('secondLabels.npy', labels.slice(half));
    for (const part of ['first', 'second'])
      simdloss(
        ...['eval', '--loss', 'crossEntropy', '--pred', `${part}.npy`, '--target', `${part}Labels.npy`],
        ...['--figures', 'accuracy,entropy', '--state', `${part}.json`],
      );
    const whole = results('eval', ...CE, '--figures', 'accuracy,entropy', '--state', 'whole.json');
    expect(results('merge', 'second.json', 'first.json', '--state', 'merged.json')).toEqual(whole);
    const [merged, once] = ['merged.json', 'whole.json'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect(merged).toBe(once);
    simdloss('eval', ...CE, '--state', 'other.json');
    const { status, stderr } = simdloss('merge', 'first.json', 'other.json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('other.json: ') });
  });
});

describe('tables', () => {
  const flags = ['--loss', 'bceWithLogits', '--pred', 'score', '--target', 'click'];
  const group = Array.from({ length: ROWS }, (_, i) => countries[i % 3]);

  it('.csv: weights and groups, names with commas and quotes', () => {
    const e = evaluate(F, { loss: 'bceWithLogits', figures: ['accuracy', 'brier'] });
    e.add(scores, Float64Array.from(clicks), { sampleWeight: weights, group });
    const more = ['--weight', 'w', '--by', 'country', '--figures', 'accuracy,brier'];
    expect(results('eval', 'table.csv', ...flags, ...more)).toEqual(plain(e.result()));
  });

  it('.tsv, and several files', () => {
    const e = evaluate(F, { loss: 'bceWithLogits', figures: ['auc'] });
    for (let i = 0; i < 2; i++) e.add(scores, Float64Array.from(clicks));
    expect(results('eval', 'table.tsv', 'table.csv', ...flags, '--figures', 'auc')).toEqual(
      plain(e.result()),
    );
  });

  it('logits in several columns, or in lists', () => {
    const data = Float64Array.from(logits);
    const e = evaluate(F, { loss: 'crossEntropy', topK: [3] }).add({ data, shape: [ROWS, CLASSES] }, labels);
    const ce = ['--loss', 'crossEntropy', '--target', 'y', '--topK', '3'];
    expect(results('eval', 'rows.csv', '--pred', 'logit_*', ...ce)).toEqual(plain(e.result()));
    expect(results('eval', 'rows.jsonl', '--pred', 'z', ...ce)).toEqual(plain(e.result()));
  });

  it('lists of labels', () => {
    const sets = [
      [2, 0, -1],
      [1, -1, -1],
    ];
    const z = [
      [0.5, 1, -1],
      [2, 0, 1],
    ];
    write('sets.jsonl', z.map((row, i) => `${JSON.stringify({ z: row, y: sets[i] })}\n`).join(''));
    const e = evaluate(F, { loss: 'multilabelMargin' });
    e.add(
      { data: Float64Array.from(z.flat()), shape: [2, 3] },
      { data: Int32Array.from(sets.flat()), shape: [2, 3] },
    );
    const flags = ['--loss', 'multilabelMargin', '--pred', 'z', '--target', 'y'];
    expect(results('eval', 'sets.jsonl', ...flags)).toEqual(plain(e.result()));
  });

  it('numbers that are none of JSON, and truth values', () => {
    write('odd.jsonl', '{"x": "inf", "t": true}\n\n{"x": -1e999, "t": false}\n');
    write('odd.csv', 'x,t\nInfinity,True\n-inf,false\n');
    for (const file of ['odd.jsonl', 'odd.csv'])
      expect(results('eval', file, '--loss', 'bceWithLogits', '--pred', 'x', '--target', 't').loss).toBe(0);
    expect(results('eval', 'odd.csv', '--loss', 'mse', '--pred', 'x', '--target', 't').loss).toBe('Infinity');
  });
});

describe('says what is wrong', () => {
  const bad = BigInt64Array.from(labels);
  bad[2345] = 77n;
  npy('bad.npy', bad);
  npy('few.npy', labels.slice(1));
  write('bad.csv', 'x,y,"k\nk"\n1,0,1\n2,zero,1\n3,1\n');
  write('names.csv', 'x\nconstructor\n');
  write('half.csv', 'a,b,y\n1,2,0.5\n');
  write('bad.jsonl', '{"z": [1, 2], "y": 0}\n{"z": [1, 2, 3], "y": 1}\n');
  write('broken.jsonl', '{"z": [1, 2], "y": 0}\n{"z": \n');
  write('empty.csv', '');
  const ce = (...more: string[]) => ['eval', '--loss', 'crossEntropy', ...more];

  it.each([
    {
      args: ce('--pred', 'logits.npy', '--target', 'bad.npy'),
      says: 'bad.npy, row 2345: expected class indices in [0, 9)',
    },
    {
      args: ce('--pred', 'logits.npy', '--target', 'few.npy'),
      says: 'few.npy has 2999 rows, logits.npy has 3000',
    },
    { args: ce('--pred', 'logits.npy', '--target', 'none.npy'), says: 'none.npy: ENOENT' },
    {
      args: ['eval', 'bad.csv', '--loss', 'mse', '--pred', 'x', '--target', 'y'],
      says: 'bad.csv, line 4, column y: "zero" is no number',
    },
    {
      args: ['eval', 'names.csv', '--loss', 'mse', '--pred', 'x', '--target', 'x'],
      says: 'names.csv, line 2, column x: "constructor" is no number',
    },
    {
      args: ['eval', 'bad.csv', '--loss', 'mse', '--pred', 'x', '--target', 'x'],
      says: 'bad.csv, line 5: 2 values, where there are 3 columns',
    },
    {
      args: ce('half.csv', '--pred', '*', '--target', 'y'),
      says: 'half.csv, line 2, column y: 0.5 is no class index',
    },
    {
      args: ce('bad.jsonl', '--pred', 'z', '--target', 'y'),
      says: 'bad.jsonl, line 2, column z: 3 numbers, where rows before have 2',
    },
    { args: ce('broken.jsonl', '--pred', 'z', '--target', 'y'), says: 'broken.jsonl, line 2: ' },
    {
      args: ['eval', 'empty.csv', '--loss', 'mse', '--pred', 'x', '--target', 'y'],
      says: 'empty.csv is empty',
    },
    { args: ['merge', 'logits.npy'], says: 'logits.npy: ' },
  ])('of data, with 1: $says', ({ args, says }) => {
    const { status, stdout, stderr } = simdloss(...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    { args: ['eval'], says: '--loss is missing' },
    { args: ['eval', '--loss', 'toString'], says: 'there is no loss toString' },
    { args: ce('--pred', 'logits.npy'), says: '--target is missing' },
    {
      args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--delta', '1'],
      says: "Unknown option '--delta'",
    },
    {
      args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--labelSmoothing', '2'],
      says: '"labelSmoothing" expected a number from 0 to 1, got 2',
    },
    { args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--figures', 'rmse'], says: 'rmse' },
    {
      args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--max', 'loss'],
      says: '--max expected NAME=NUMBER, got loss',
    },
    {
      args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--max', 'rmse=1'],
      says: '--max rmse: there is no such figure here',
    },
    {
      args: [...ce('--pred', 'logits.npy', '--target', 'labels.npy'), '--axis', '0'],
      says: 'axis 0 has the rows',
    },
    {
      args: ce('--pred', 'logits', '--target', 'labels.npy'),
      says: 'logits is no .npy, .npz or .safetensors',
    },
    {
      args: ['eval', 'rows.csv', '--loss', 'mse', '--pred', 'z', '--target', 'y'],
      says: 'there is no column z, but logit_0, ',
    },
    {
      args: ['eval', 'rows.csv', '--loss', 'mse', '--pred', 'z*', '--target', 'y'],
      says: 'no column is like z*',
    },
    {
      args: ['eval', '--loss', 'ctc', '--pred', 'logits.npy'],
      says: 'ctc is of inputs that have no rows in common',
    },
    { args: ['eval', '--loss', 'infoNce'], says: 'infoNce is of all pairs of a batch' },
    { args: ['eval', '--loss', 'linearCrossEntropy'], says: 'linearCrossEntropy is of inputs' },
    { args: ['merge'], says: 'merge expected at least one STATE' },
    { args: ['losses', 'mse', 'l1'], says: 'losses expected one name at most' },
  ])('of a call, with 2: $says', ({ args, says }) => {
    const { status, stderr } = simdloss(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).toContain(`simdloss ${args[0]} --help`);
  });

  it('of limits, with 1 after the result', () => {
    const loss = results('eval', ...CE).loss;
    const kept = simdloss(
      'eval',
      ...CE,
      '--max',
      `loss=${loss}`,
      '--min',
      `loss=${loss}`,
      '--topK',
      '1',
      '--min',
      'topK.1=0',
    );
    expect(kept).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout, stderr } = simdloss('eval', ...CE, '--max', 'loss=0.5', '--min', 'count=4000');
    expect(status).toBe(1);
    expect(stdout).toContain('crossEntropy');
    expect(stderr).toBe(
      `loss is ${loss.toPrecision(6)}, which is more than 0.5\ncount is 3,000, which is less than 4000\n`,
    );
    npy('nan.npy', Float64Array.of(Number.NaN));
    const nan = [
      'eval',
      '--loss',
      'mse',
      '--pred',
      'nan.npy',
      '--target',
      'nan.npy',
      '--max',
      'loss=1',
      '--quiet',
    ];
    expect(simdloss(...nan).status).toBe(1);
  });
});

/** A file of zeros, of which nothing is on the disk. */
async function zeros(name: string, rows: number, columns: number): Promise<void> {
  const header = npyHeader('<f4', [rows, columns]);
  const out = createWriteStream(join(folder, name));
  out.end(header);
  await finished(out);
  truncateSync(join(folder, name), header.length + 4 * rows * columns);
}

describe('large files', () => {
  it('take no more memory than small ones', async () => {
    const [rows, columns] = [100_000, 1250];
    await zeros('huge.npy', rows, columns);
    npy('hugeLabels.npy', new Int32Array(rows));
    const watch =
      'data:text/javascript,process.on("exit",()=>console.error("KiB",process.resourceUsage().maxRSS))';
    const files = ['--pred', 'huge.npy', '--target', 'hugeLabels.npy'];
    const { stdout, stderr } = await running(
      ['eval', '--loss', 'crossEntropy', ...files, '--json'],
      ['--import', watch],
    ).ended;
    expect(JSON.parse(stdout)).toMatchObject({ count: rows, loss: Math.fround(Math.log(columns)) });
    const [, kib] = /KiB (\d+)/.exec(stderr)!;
    // 500 MB of data
    expect(Number(kib)).toBeLessThan(150_000);
  });

  it('^C ends with 130, and with what was seen', async () => {
    await zeros('endless.npy', 4_000_000, 1000);
    const width = 4_000_000;
    npy('endlessLabels.npy', new Uint8Array(width));
    const files = ['--pred', 'endless.npy', '--target', 'endlessLabels.npy'];
    const { child, ended } = running(['eval', '--loss', 'crossEntropy', ...files, '--json']);
    // it says now and then how far it is
    await Promise.race([ended, new Promise((resolve) => child.stderr!.once('data', resolve))]);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    const { count } = JSON.parse(stdout);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(width);
    expect(stderr).toContain(`interrupted after ${count.toLocaleString('en-US')} rows`);
  });
});
