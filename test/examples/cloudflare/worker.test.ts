// The example worker over HTTP, as workerd serves it.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../../src/index.ts';
import { engine } from '../../engines/installed.ts';
import { missing } from '../../missing.ts';
import { random } from '../../random.ts';
import { atOnce, type Batch, BINARY, batchOf, bytesOf, difference, insist, open, post } from './batch.ts';
import { example, type Served, serve } from './server.ts';

/** Rows have the bits of one call; the one call adds them in f32 before it goes on in f64. */
const LIMIT = 3e-7;

const workerd = engine('workerd', 'workerd/bin/workerd');
const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl)
  missing({ what: 'the worker’s README', why: 'curl is not installed', install: 'apt-get install curl' });
const F = await load();

const small: Batch = {
  rows: 4,
  classes: 3,
  logits: Float32Array.of(2, 1, 0.1, 0, 3, 0.5, 1, 1, 1, -1, 0, 4),
  labels: Int32Array.of(0, 1, 2, 2),
};
const json = JSON.stringify({
  logits: [0, 1, 2, 3].map((i) => Array.from(small.logits.subarray(3 * i, 3 * i + 3))),
  labels: Array.from(small.labels),
});

describe.skipIf(workerd === undefined)('the worker', () => {
  let served: Served;
  let port: number;
  beforeAll(async () => {
    served = await serve(workerd!);
    port = served.port;
  });
  afterAll(() => served?.close());

  const send = async (batch: Batch, query = '', chunk = Number.POSITIVE_INFINITY) => {
    const sending = open(port, `/loss?shape=${batch.rows},${batch.classes}${query}`, BINARY);
    const bytes = bytesOf(batch);
    for (let at = 0; at < bytes.length; at += chunk) await sending.write(bytes.subarray(at, at + chunk));
    const { status, body } = await sending.end();
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };

  it('answers JSON with what single calls say', async () => {
    const { status, headers, body } = await post(port, '/loss', json);
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(body.loss).toBeCloseTo(0.416065, 6);
    expect(difference(body, atOnce(F, small))).toBeLessThan(LIMIT);
  });

  it('answers raw bytes with the same bits, however they are cut', async () => {
    const { body } = await post(port, '/loss', json);
    for (const chunk of [1, 5, 16, 1000]) expect(await send(small, '', chunk)).toEqual(body);
    expect((await post(port, '/loss?shape=4,3', bytesOf(small))).body).toEqual(body);
  });

  it('takes the options, from the query', async () => {
    const kept = { ...small, labels: small.labels.map((label) => (label === 1 ? -100 : label)) };
    const wanted = atOnce(F, kept, { labelSmoothing: 0.1 });
    expect(wanted.rows).toBe(3);
    const query = '&labelSmoothing=0.1&ignoreIndex=1';
    expect(difference(await send(small, query), wanted)).toBeLessThan(LIMIT);
    const { body } = await post(port, `/loss?${query.slice(1)}`, json);
    expect(difference(body, wanted)).toBeLessThan(LIMIT);
  });

  it('what JSON has no number for is null: a class without rows, an infinite loss, a mean of nothing', async () => {
    const infinite = {
      ...small,
      logits: small.logits.map((x, i) => (i === 0 ? Number.NEGATIVE_INFINITY : x)),
    };
    const some = await send(infinite);
    expect(some.loss).toBe(null);
    expect(some.perClass[0]).toEqual({ rows: 1, loss: null });
    expect(some.perClass[1].loss).toBeCloseTo(0.123873, 6);
    const none = await send({ ...small, labels: small.labels.map(() => -100) });
    expect(none).toMatchObject({
      rows: 0,
      loss: null,
      gradientNorm: null,
      perClass: [{ rows: 0, loss: null }, {}, {}],
    });
  });

  it.each([
    [70_000, 1],
    [3000, 2],
    [1000, 10],
    [700, 1000],
    [5, 16_384],
  ])('a batch of %i rows in %i classes', async (rows, classes) => {
    const batch = batchOf(rows, rows, classes);
    const got = await send(batch, '', 100_003);
    expect(got.perClass).toHaveLength(classes);
    expect(difference(got, atOnce(F, batch))).toBeLessThan(LIMIT);
    // the bits do not depend on the cuts
    expect(await send(batch, '', 16_411)).toEqual(got);
  });

  it('a body of any size goes through a few megabytes', async () => {
    const classes = 100;
    const batch = batchOf(11, 200_000, classes);
    await send(batchOf(1, 20_000, classes), '', 65_536);
    const before = peakOf(served.pid);
    const got = await send(batch, '', 65_536);
    const grown = peakOf(served.pid) - before;
    expect(difference({ ...got, perClass: [] }, { ...atOnce(F, batch), perClass: [] })).toBeLessThan(LIMIT);
    expect(grown).toBeLessThan(bytesOf(batch).length / 2);
  });

  it('requests that arrive piece by piece at the same time do not mix', async () => {
    const batches = Array.from({ length: 12 }, (_, i) =>
      batchOf(100 + i, 2000 + 100 * i, [3, 10, 57][i % 3]),
    );
    const alone = [];
    for (const batch of batches) alone.push(await send(batch));
    for (const [i, batch] of batches.entries()) {
      expect(difference(alone[i], atOnce(F, batch))).toBeLessThan(LIMIT);
    }
    const sendings = batches.map(({ rows, classes }) => open(port, `/loss?shape=${rows},${classes}`, BINARY));
    const bytes = batches.map(bytesOf);
    const PIECE = 3001;
    const longest = Math.max(...bytes.map(({ length }) => length));
    for (let at = 0, turn = 0; at < longest; at += PIECE, turn++) {
      await Promise.all(
        sendings.map(
          (sending, i) => at < bytes[i].length && sending.write(bytes[i].subarray(at, at + PIECE)),
        ),
      );
      // in between, a whole one
      if (turn % 20 === 0) {
        const { body } = await post(port, '/loss', json);
        expect(body.loss).toBeCloseTo(0.416065, 6);
      }
    }
    const replies = await Promise.all(sendings.map((sending) => sending.end()));
    expect(replies.map(({ status }) => status)).toEqual(batches.map(() => 200));
    expect(replies.map(({ body }) => body)).toEqual(alone);
  });

  it('labels of too many batches at once are refused until some are done, or gone', async () => {
    const most = 2 ** 20;
    const path = `/loss?shape=${most},1`;
    const opened = Array.from({ length: 8 }, () => open(port, path, BINARY));
    for (const sending of opened) await sending.write(new Uint8Array(8));
    const busy = () => post(port, '/loss?shape=4,3', bytesOf(small));
    await expect.poll(async () => (await busy()).status, { timeout: 20_000 }).toBe(503);
    expect(await busy()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'ERR_BUSY', message: 'other batches take all of the memory at present' } },
    });
    // JSON holds nothing for long
    expect((await post(port, '/loss', json)).status).toBe(200);
    for (const sending of opened) sending.abort();
    await expect.poll(async () => (await busy()).status, { timeout: 20_000 }).toBe(200);
  });

  /** Whether so many requests as there is room for are under way at once, and one more is refused. */
  async function areHeld(): Promise<boolean> {
    const opened = Array.from({ length: 8 }, () => open(port, `/loss?shape=${2 ** 20},1`, BINARY));
    try {
      for (const sending of opened) await sending.write(new Uint8Array(8));
      const refused = () => post(port, '/loss?shape=4,3', bytesOf(small));
      await expect.poll(async () => (await refused()).status, { timeout: 9000 }).toBe(503);
      return (await Promise.race([...opened.map((sending) => sending.reply), undefined])) === undefined;
    } finally {
      for (const sending of opened) sending.abort();
    }
  }

  /** As many as ever find room, and no more: nothing else is held. */
  async function expectFree(): Promise<void> {
    // a client that has gone is noticed a moment later: until then one of the new ones may be refused
    await expect.poll(areHeld, { timeout: 20_000, interval: 200 }).toBe(true);
    await expect
      .poll(async () => (await post(port, '/loss?shape=4,3', bytesOf(small))).status, { timeout: 20_000 })
      .toBe(200);
  }

  it('what a request held is free when its body stops, whatever it has sent', async () => {
    const bytes = bytesOf(batchOf(1, 2 ** 20, 1));
    const opened = [0, 1, 1000, 4 * 2 ** 20 - 1, 4 * 2 ** 20, 6e6].map((length) => {
      const sending = open(port, `/loss?shape=${2 ** 20},1`, {
        ...BINARY,
        // more than will come
        'content-length': bytes.length,
      });
      sending.write(bytes.subarray(0, length));
      return sending;
    });
    const text = open(port, '/loss', { 'content-type': 'application/json' });
    await text.write(new TextEncoder().encode('{ "logits": ['));
    for (const sending of [...opened, text]) {
      expect(await sending.reply).toMatchObject({ status: 408, body: { error: { code: 'ERR_TIMEOUT' } } });
      sending.abort();
    }
    await expectFree();
  });

  it('and when its client goes away, at any time', async () => {
    const bytes = bytesOf(batchOf(1, 2 ** 20, 1));
    for (const length of [0, 1, 4 * 2 ** 20 - 1, 4 * 2 ** 20, 6e6]) {
      for (const told of [{}, { 'content-length': bytes.length }]) {
        const sending = open(port, `/loss?shape=${2 ** 20},1`, { ...BINARY, ...told });
        if (length > 0) await sending.write(bytes.subarray(0, length));
        else sending.flush();
        sending.abort();
      }
    }
    await expectFree();
  });

  it('never has an accident, whatever is sent', async () => {
    const r = random(1717);
    const one = <T>(list: readonly T[]): T => list[Math.floor(r() * list.length)];
    const odd = [
      '',
      '0',
      '-0',
      '1',
      '-1',
      '0.5',
      '1e400',
      '-1e400',
      '1e-400',
      '2147483648',
      '4294967296',
      '1e300',
      'NaN',
      'null',
      '%',
      '%ff',
      '\ud800',
    ];
    const values = [
      '0',
      '1',
      '-1',
      '1e999',
      '-0',
      '1e-999',
      '1e300',
      '2147483648',
      '4294967295',
      '9007199254740993',
      'null',
      'true',
      '"0"',
      '[]',
      '{}',
      '[1]',
      '"\\ud800"',
      '0.5',
    ];
    const list = (of: () => string): string => `[${Array.from({ length: Math.floor(r() * 4) }, of).join()}]`;
    const anyJson = (): string => {
      const logits = list(() => list(() => one(values)));
      const labels = list(() => one(values));
      const whole = `{ "logits": ${r() < 0.2 ? one(values) : logits}, "labels": ${r() < 0.2 ? one(values) : labels} }`;
      const at = Math.floor(r() * whole.length);
      return r() < 0.3
        ? whole.slice(0, at) + one([...'[]{}",:\\0 \0', '\ufeff', '\ud800']) + whole.slice(at + 1)
        : whole;
    };
    const seen = new Set<number>();
    for (let i = 0; i < 400; i++) {
      const query = new URLSearchParams();
      if (r() < 0.3) query.append('labelSmoothing', one(odd));
      if (r() < 0.3) query.append('ignoreIndex', one(odd));
      if (r() < 0.05) query.append(one([...odd, '__proto__', 'a'.repeat(5000)]), one(odd));
      let body: Uint8Array | string = anyJson();
      if (r() < 0.5) {
        const [rows, classes] = [1 + Math.floor(r() * 5), 1 + Math.floor(r() * 5)];
        query.append('shape', r() < 0.9 ? `${rows},${classes}` : `${one(odd)},${one(odd)}`);
        const more = r() < 0.1 ? 1 : 0;
        body = Uint8Array.from({ length: 4 * rows * (1 + classes) + more }, (_, at) =>
          at < 4 * rows ? Number(at % 4 === 0 && r() < 0.3) : 256 * r(),
        );
      }
      const type =
        r() < 0.95 ? undefined : { 'content-type': one(['', 'a'.repeat(5000), 'application/json;;', ';']) };
      const { status, body: answer } = await post(port, `/loss?${query}`, body, type);
      seen.add(status);
      const what = `${query} ${body}: ${JSON.stringify(answer)}`;
      expect([200, 400, 413, 415], what).toContain(status);
      if (status !== 200) expect(answer.error.message.length, what).toBeLessThan(300);
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 415]));
    await expectFree();
  });

  const bytes = bytesOf(small);
  const text = (logits: unknown, labels: unknown) => JSON.stringify({ logits, labels });
  const refusals: [string, number, string, string | RegExp, () => ReturnType<typeof post>][] = [
    ['another path', 404, 'ERR_PATH', 'there is nothing but /loss', () => post(port, '/', json)],
    [
      'another method',
      405,
      'ERR_METHOD',
      'expected POST, got PUT',
      () => open(port, '/loss', {}, 'PUT').end(),
    ],
    [
      'no body',
      400,
      'ERR_BODY',
      'the request has no body',
      () => open(port, '/loss', { 'content-length': 0, 'content-type': 'application/json' }).end(),
    ],
    [
      'another type',
      415,
      'ERR_CONTENT_TYPE',
      /or application\/octet-stream, got text\/plain$/,
      () => post(port, '/loss', json, { 'content-type': 'text/plain' }),
    ],
    ['no type', 415, 'ERR_CONTENT_TYPE', /got no content type$/, () => post(port, '/loss', json, {})],
    [
      'a compressed body',
      415,
      'ERR_ENCODING',
      /in gzip is not taken/,
      () => post(port, '/loss?shape=4,3', bytes, { ...BINARY, 'content-encoding': 'gzip' }),
    ],
    [
      'an unknown parameter',
      400,
      'ERR_PARAMETER',
      'unknown parameter "shap": known are shape, labelSmoothing, ignoreIndex',
      () => post(port, '/loss?shap=4,3', bytes),
    ],
    [
      'a parameter twice',
      400,
      'ERR_PARAMETER',
      '"shape" is given more than once',
      () => post(port, '/loss?shape=4,3&shape=4,3', bytes),
    ],
    ['bytes without a shape', 400, 'ERR_PARAMETER', /needs its shape/, () => post(port, '/loss', bytes)],
    [
      'JSON with a shape',
      400,
      'ERR_PARAMETER',
      /for binary bodies/,
      () => post(port, '/loss?shape=4,3', json),
    ],
    [
      'half a shape',
      400,
      'ERR_PARAMETER',
      /expected rows and classes, as 4,3, got "4"$/,
      () => post(port, '/loss?shape=4', bytes),
    ],
    ['a shape of nothing', 400, 'ERR_PARAMETER', /got "0,3"$/, () => post(port, '/loss?shape=0,3', bytes)],
    [
      'too short, by what it says',
      400,
      'ERR_LENGTH',
      'the body expected 64 bytes for its shape, got 60',
      () => post(port, '/loss?shape=4,3', bytes.subarray(4)),
    ],
    [
      'too short, as it turns out',
      400,
      'ERR_LENGTH',
      'the body expected 64 bytes for its shape, got 63',
      () => chunked('/loss?shape=4,3', bytes.subarray(0, 63)),
    ],
    [
      'too long, as it turns out',
      400,
      'ERR_LENGTH',
      'the body expected 48 bytes for its shape, got at least 64',
      () => chunked('/loss?shape=3,3', bytes),
    ],
    [
      'too many rows',
      413,
      'ERR_TOO_LARGE',
      '1048577 rows are too many: at most 1048576',
      () => post(port, '/loss?shape=1048577,1', bytes),
    ],
    [
      'too many classes',
      413,
      'ERR_TOO_LARGE',
      '16385 classes are too many: at most 16384',
      () => post(port, '/loss?shape=1,16385', bytes),
    ],
    [
      'too many bytes by its shape',
      413,
      'ERR_TOO_LARGE',
      'a body of 4198400000 bytes is too large: at most 100000000',
      () => chunked('/loss?shape=1024000,1024', bytes),
    ],
    [
      'too many bytes by its length',
      413,
      'ERR_TOO_LARGE',
      'a body of 100000001 bytes is too large: at most 100000000',
      () => open(port, '/loss', { ...BINARY, 'content-length': 100_000_001 }).end(),
    ],
    [
      'too much JSON',
      413,
      'ERR_TOO_LARGE',
      /JSON of more than 1048576 bytes/,
      () => insist(() => post(port, '/loss', ' '.repeat(2 ** 20) + json)),
    ],
    ['no JSON', 400, 'ERR_JSON', /^the body is not JSON: /, () => post(port, '/loss', '{ "logits": [')],
    [
      'no UTF-8',
      400,
      'ERR_JSON',
      'the body is not UTF-8',
      () => post(port, '/loss', Uint8Array.of(0xff), { 'content-type': 'application/json' }),
    ],
    ['no object', 400, 'ERR_JSON', /expected an object/, () => post(port, '/loss', '[]')],
    [
      'an unknown member',
      400,
      'ERR_JSON',
      'unknown member "weights": known are logits, labels',
      () => post(port, '/loss', '{ "weights": [] }'),
    ],
    [
      'no logits',
      400,
      'ERR_JSON',
      /"logits" expected an array of rows/,
      () => post(port, '/loss', text(undefined, [0])),
    ],
    ['no rows', 400, 'ERR_JSON', /at least one$/, () => post(port, '/loss', text([], []))],
    [
      'no labels',
      400,
      'ERR_JSON',
      '"labels" expected an array of numbers',
      () => post(port, '/loss', text([[1, 2]], undefined)),
    ],
    [
      'a row that is none',
      400,
      'ERR_JSON',
      '"logits[1]" expected an array of numbers',
      () => post(port, '/loss', text([[1], 2], [0, 0])),
    ],
    [
      'a logit that is none',
      400,
      'ERR_JSON',
      '"logits[0][1]" expected a number, got null',
      () => post(port, '/loss', text([[1, Number.NaN]], [0])),
    ],
    [
      'a label that is none',
      400,
      'ERR_JSON',
      '"labels[0]" expected a number, got "0"',
      () => post(port, '/loss', text([[1, 2]], ['0'])),
    ],
    [
      'rows that differ',
      400,
      'ERR_SHAPE',
      '"logits[1]" expected 2 classes as the first row, got 1',
      () => post(port, '/loss', text([[1, 2], [1]], [0, 0])),
    ],
    [
      'no classes',
      400,
      'ERR_SHAPE',
      '"logits" expected at least one class',
      () => post(port, '/loss', text([[]], [0])),
    ],
    [
      'labels that are missing',
      400,
      'ERR_SHAPE',
      '"labels" expected 2, one for each row, got 1',
      () => post(port, '/loss', text([[1], [2]], [0])),
    ],
    [
      'a label that is no class',
      400,
      'ERR_LABEL',
      /^rows 0 to 1: "target" expected class indices in \[0, 2\).*got 2 at index 1$/,
      () =>
        post(
          port,
          '/loss',
          text(
            [
              [1, 2],
              [3, 4],
            ],
            [0, 2],
          ),
        ),
    ],
    [
      'a label that is no integer',
      400,
      'ERR_LABEL',
      /got 0.5 at index 0$/,
      () => post(port, '/loss', text([[1, 2]], [0.5])),
    ],
    [
      'a label that is no class, among bytes',
      400,
      'ERR_LABEL',
      /got 9 at index 3$/,
      () => post(port, '/loss?shape=4,3', bytesOf({ ...small, labels: Int32Array.of(0, 1, 2, 9) })),
    ],
    [
      'smoothing out of range',
      400,
      'ERR_OPTION',
      /"labelSmoothing" expected .* from 0 to 1, got 2$/,
      () => post(port, '/loss?labelSmoothing=2', json),
    ],
    [
      'smoothing that is no number',
      400,
      'ERR_OPTION',
      /"labelSmoothing" .* got NaN$/,
      () => post(port, '/loss?labelSmoothing=', json),
    ],
    [
      'an ignoreIndex that is no integer',
      400,
      'ERR_OPTION',
      /"ignoreIndex" .* got 0.5$/,
      () => post(port, '/loss?ignoreIndex=0.5', json),
    ],
  ];
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  const arrays = nested('[', ']', 4e5);
  const objects = `${'{"a":'.repeat(1.5e5)}0${'}'.repeat(1.5e5)}`;
  for (const [what, deep] of Object.entries({ arrays, objects })) {
    for (const [where, body] of Object.entries({
      'the body': deep,
      logits: `{ "logits": ${deep}, "labels": [0] }`,
      'a row': `{ "logits": [${deep}], "labels": [0] }`,
      'a logit': `{ "logits": [[1, ${deep}]], "labels": [0] }`,
      labels: `{ "logits": [[1]], "labels": ${deep} }`,
      'a label': `{ "logits": [[1]], "labels": [${deep}] }`,
      'what is not known': `{ "a": ${deep} }`,
      'what never ends': deep.slice(0, deep.length / 2),
    })) {
      const message = 'the body is nested more than 16 deep';
      refusals.push([
        `${what} in ${where}, hundreds of thousands deep`,
        400,
        'ERR_JSON',
        message,
        () => post(port, '/loss', body),
      ]);
    }
  }
  refusals.push(
    [
      'a logit that is an array',
      400,
      'ERR_JSON',
      '"logits[0][1]" expected a number, got an array',
      () => post(port, '/loss', `{ "logits": [[1, ${nested('[', ']', 13)}]], "labels": [0] }`),
    ],
    [
      'a label that is a megabyte of text',
      400,
      'ERR_JSON',
      `"labels[0]" expected a number, got "${'['.repeat(40)}"`,
      () => post(port, '/loss', text([[1]], ['['.repeat(1e6)])),
    ],
    [
      'text that looks nested',
      400,
      'ERR_JSON',
      `unknown member "${'[{"\\'.repeat(10)}": known are logits, labels`,
      () => post(port, '/loss', JSON.stringify({ ['[{"\\'.repeat(100)]: 0 })),
    ],
    [
      'tens of thousands of members',
      400,
      'ERR_JSON',
      /^unknown member "/,
      () =>
        post(
          port,
          '/loss',
          `{ ${Array.from({ length: 8e4 }, (_, i) => `"k${i}":0`).join()}, "logits": [[1]], "labels": [0] }`,
        ),
    ],
    [
      "a member that is everyone's",
      400,
      'ERR_JSON',
      'unknown member "__proto__": known are logits, labels',
      () => post(port, '/loss', '{ "__proto__": { "logits": [[1]], "labels": [0] } }'),
    ],
    [
      'JSON that is too long, by what it says',
      413,
      'ERR_TOO_LARGE',
      /JSON of more than 1048576 bytes/,
      () => open(port, '/loss', { 'content-type': 'application/json', 'content-length': 2 ** 20 + 1 }).end(),
    ],
  );
  const chunked = async (path: string, body: Uint8Array) => {
    const sending = open(port, path, BINARY);
    await sending.write(body);
    return sending.end();
  };

  it.each(refusals)('refuses %s', async (_, status, code, message, ask) => {
    const reply = await ask();
    const wanted = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(reply).toMatchObject({ status, body: { error: { code, message: wanted } } });
    if (status === 405) expect(reply.headers.allow).toBe('POST');
    // and goes on
    expect((await post(port, '/loss', json)).status).toBe(200);
  });

  it('a bad label far into a stream is told with its rows, before the rest has come', async () => {
    const batch = batchOf(5, 30_000, 10);
    batch.labels[20_001] = 10;
    const sending = open(port, '/loss?shape=30000,10', BINARY);
    const body = bytesOf(batch);
    // not the last row
    await sending.write(body.subarray(0, body.length - 40));
    const { status, body: answer } = await sending.end();
    expect(status).toBe(400);
    const [, from, to, at] = /^rows (\d+) to (\d+): .* got 10 at index (\d+)$/
      .exec(answer.error.message)!
      .map(Number);
    expect(from + at).toBe(20_001);
    expect(to).toBeGreaterThanOrEqual(20_001);
  });

  it.skipIf(!hasCurl)('the README says how to ask, and what comes back', async () => {
    const readme = readFileSync(join(example, 'README.md'), 'utf8');
    const block = (name: string) =>
      new RegExp(`<!-- ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)![1];
    const folder = mkdtempSync(join(tmpdir(), 'simdloss-curl-'));
    const script = block('curl')
      .replaceAll('localhost:8787', `127.0.0.1:${port}`)
      .replaceAll('curl ', 'curl -sS --noproxy "*" -w "\\n" ');
    const { stdout } = await promisify(execFile)('bash', ['-euc', script], { cwd: folder });
    rmSync(folder, { recursive: true });
    const answers = stdout.trim().split('\n');
    expect(answers).toHaveLength(2);
    expect(answers[1]).toBe(answers[0]);
    const rounded = JSON.parse(answers[0], (_, value) =>
      typeof value === 'number' ? Number(value.toFixed(3)) : value,
    );
    expect(rounded).toEqual(JSON.parse(block('answer')));
  });

  it('logs nothing: no refusal is an accident', () => {
    expect(served.log()).toBe('');
  });
});

/** The most memory that a process has had, in bytes. */
const peakOf = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
