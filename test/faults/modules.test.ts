// What load() is given as a module and is none, or none for this wrapper: an error with a code that says what was expected, at
// once. Damage is drawn at random.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInThisContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { abiNumber } from '../../scripts/generate/abi.ts';
import * as abi from '../../src/abi.ts';
import { load, loadSync } from '../../src/index.ts';
import { ABI } from '../../src/wasm/generated/exports.ts';
import { withSharedMemory } from '../../src/wasm/shared.ts';
import { integer, type Random, random } from '../random.ts';

type Any = any;
type Bytes = Uint8Array<ArrayBuffer>;
const bytes = Uint8Array.from(readFileSync(new URL('../../build/simdloss.wasm', import.meta.url)));

/** The bytes with one part of them changed to another that is as long. */
function replaced(from: string, to: string, all: Bytes = bytes): Bytes {
  const at = Buffer.from(all).indexOf(from, 'latin1');
  if (at < 0 || from.length !== to.length) throw new Error(`${from} cannot be replaced`);
  const copy = Uint8Array.from(all);
  copy.set(Buffer.from(to, 'latin1'), at);
  return copy;
}

/** The module with an export that has another name. */
const without = (name: string, all?: Bytes): Bytes => {
  const length = String.fromCharCode(name.length);
  return replaced(length + name, `${length}${'x'.repeat(name.length)}`, all);
};

/** A constant of 27 bits in code. */
const constant = (n: number): string =>
  String.fromCharCode(0x41, ...[0, 7, 14].map((shift) => ((n >> shift) & 127) | 128), n >> 21, 0x0b);

const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const module = (...sections: number[]): Bytes => Uint8Array.of(...empty, ...sections);
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
const importing = (...entries: number[][]): Bytes => {
  const content = [entries.length, ...entries.flat()];
  return module(2, content.length, ...content);
};
const type = [1, 4, 1, 0x60, 0, 0];
const envMemory = [...name('env'), ...name('memory'), 2, 0, 0];

const shown = ({ code, message }: Any): string => `${code} ${message}`;
const refusal = (options: object): Promise<string> =>
  load(options).then((F) => (F.dispose(), 'nothing thrown'), shown);
function refusalSync(options: object): string {
  try {
    loadSync(options).dispose();
    return 'nothing thrown';
  } catch (error) {
    return shown(error);
  }
}

const sharedRegion = () => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  return { memory: { memory, base: 0, size: memory.buffer.byteLength } };
};
const plainRegion = () => ({
  memory: { memory: new WebAssembly.Memory({ initial: 16 }), base: 0, size: 2 ** 20 },
});

const OURS = /^ERR_OPTION "module" expected a module of this version of simdloss/;
describe('a module that is none of this version', () => {
  const cases: [string, Bytes, RegExp][] = [
    ['is empty', empty, OURS],
    ['only imports', importing(envMemory), OURS],
    ['imports a function', module(...type, 2, 7, 1, 1, 97, 1, 98, 0, 0), OURS],
    ['imports another memory', importing([...name('env'), ...name('memori'), 2, 0, 0]), OURS],
    ['imports a global of that name', importing([...name('env'), ...name('memory'), 3, 0x7f, 0]), OURS],
    [
      'imports the memory and more',
      importing(envMemory, [...name('env'), ...name('more'), 3, 0x7f, 0]),
      OURS,
    ],
    ['has no number', without('abi'), OURS],
    ['has another number', replaced(constant(ABI), constant(ABI ^ 1)), OURS],
    ['has no fused()', without('fused'), OURS],
    [
      'has no magic',
      Uint8Array.of(1, 2, 3),
      /^ERR_OPTION "module" expected a WebAssembly module, got bytes that begin with/,
    ],
    ['has no bytes', new Uint8Array(), /^ERR_OPTION "module" expected a WebAssembly module/],
    [
      'is a page',
      Uint8Array.from(Buffer.from('<!doctype html>')),
      /^ERR_OPTION .* begin with "<!doctype html>"/,
    ],
    ['ends too early', bytes.slice(0, 5000), /^ERR_(UNSUPPORTED the module is damaged|OPTION "module")/],
    [
      'is of another version of WebAssembly',
      replaced('asm\x01', 'asm\x02'),
      /^ERR_UNSUPPORTED the module is damaged/,
    ],
  ];

  it.each(cases)('%s', async (_, given, text) => {
    const options = { module: given };
    expect(await refusal(options)).toMatch(text);
    expect(refusalSync(options)).toMatch(text);
    // the same for a shared memory, for which bytes are changed first
    const shared = /^ERR_(OPTION "module" expected|UNSUPPORTED the module is damaged)/;
    expect(await refusal({ ...options, ...sharedRegion() })).toMatch(shared);
    expect(refusalSync({ ...options, ...sharedRegion() })).toMatch(shared);
    expect(await refusal({ ...options, threads: 2 })).toMatch(shared);
    expect(refusalSync({ ...options, threads: 2 })).toMatch(shared);
    // and for a module that is compiled already
    if (!WebAssembly.validate(given)) return;
    const compiled = { module: new WebAssembly.Module(given) };
    expect(await refusal(compiled)).toMatch(OURS);
    expect(refusalSync(compiled)).toMatch(OURS);
    expect(await refusal({ ...compiled, threads: 'auto' })).toMatch(OURS);
    // whose memory is looked at before its number
    expect(await refusal({ ...compiled, threads: 2 })).toMatch(
      /^ERR_(OPTION|UNSUPPORTED) "module" (expected|is compiled)/,
    );
  });

  it('has sizes that would lead back', async () => {
    const back = module(0, 0xfa, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0);
    for (const threads of [1, 2]) {
      expect(await refusal({ module: back, threads })).toMatch(/^ERR_/);
      expect(refusalSync({ module: back, threads })).toMatch(/^ERR_/);
    }
  });
});

describe('something else than a module', () => {
  it('is ERR_TYPE', async () => {
    const all = [null, 3, 3n, true, Symbol('m'), [0, 97, 115, 109], {}, () => bytes, new Map()];
    for (const given of all) {
      expect(await refusal({ module: given })).toMatch(
        /^ERR_TYPE "module" expected a WebAssembly.Module, bytes, a URL or a Response, got/,
      );
      expect(refusalSync({ module: given })).toMatch(
        /^ERR_TYPE "module" expected a WebAssembly.Module or bytes/,
      );
    }
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(await refusal({ module: proxy })).toMatch(/^ERR_UNSUPPORTED "module" could not be had/);
    expect(refusalSync({ module: proxy })).toMatch(/^ERR_TYPE "module"/);
    for (const given of ['x.wasm', new URL('file:///x.wasm'), Promise.resolve(bytes), new Response(bytes)]) {
      expect(refusalSync({ module: given })).toMatch(/^ERR_TYPE "module"/);
    }
  });

  it('bytes in every form will do, also from a promise', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const padded = new Uint8Array(bytes.length + 6);
    padded.set(bytes, 3);
    const forms = [
      bytes,
      bytes.buffer,
      Buffer.from(bytes),
      new DataView(padded.buffer, 3, bytes.length),
      padded.subarray(3, 3 + bytes.length),
      shared,
      shared.buffer,
    ];
    for (const given of forms) {
      expect(loadSync({ module: given as Any }).mse([3], [1])).toBe(4);
      expect((await load({ module: given as Any })).mse([3], [1])).toBe(4);
      expect((await load({ module: Promise.resolve(given as Any) })).mse([3], [1])).toBe(4);
      expect((await load({ module: given as Any, ...sharedRegion() })).mse([3], [1])).toBe(4);
    }
    const file = new URL('../../build/simdloss.wasm', import.meta.url);
    expect((await load({ module: Promise.resolve(file) })).mse([3], [1])).toBe(4);
  });

  it('bytes that went away are none', async () => {
    const gone = bytes.slice();
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    for (const given of [gone, gone.buffer]) {
      expect(await refusal({ module: given })).toMatch(/^ERR_OPTION "module" expected a WebAssembly module/);
      expect(refusalSync({ module: given })).toMatch(/^ERR_OPTION "module" expected a WebAssembly module/);
    }
  });

  it('a promise that rejects is an error with a code and its cause', async () => {
    for (const cause of [new TypeError('Failed to fetch'), 'gone', undefined]) {
      const error: Any = await load({ module: Promise.reject(cause) }).catch((e) => e);
      expect(shown(error)).toMatch(/^ERR_UNSUPPORTED "module" could not be had/);
      expect(error.cause).toBe(cause);
    }
  });
});

describe('a response', () => {
  let server: Server;
  let root: string;
  beforeAll(async () => {
    const wasm = { 'content-type': 'application/wasm' };
    server = createServer(({ url }, response) => {
      if (url === '/missing') response.writeHead(404, wasm).end('<!doctype html>not here');
      else if (url === '/page')
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
      else if (url === '/lie') response.writeHead(200, wasm).end('<!doctype html>');
      else if (url === '/text') response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
      else if (url === '/cut')
        response.writeHead(200, { ...wasm, 'content-length': 1e6 }).end(bytes, () => response.destroy());
      else if (url === '/other') response.writeHead(200, wasm).end(empty);
      else if (url === '/import')
        response.writeHead(200, wasm).end(module(...type, 2, 7, 1, 1, 97, 1, 98, 0, 0));
      else response.writeHead(200, wasm).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  it.each([
    ['/missing', /^ERR_UNSUPPORTED the module could not be read from .*status 404/],
    ['/page', /^ERR_OPTION .* begin with "<!doctype html>"/],
    ['/lie', /^ERR_(OPTION|UNSUPPORTED) .*(magic|begin with)/],
    ['/cut', /^ERR_UNSUPPORTED the module could not be read/],
    ['/other', OURS],
    ['/import', /^ERR_(OPTION|UNSUPPORTED) /],
    ['/text', /^nothing thrown$/],
    ['/right', /^nothing thrown$/],
  ])('%s', async (path, text) => {
    for (const threads of [1, 2]) {
      expect(await refusal({ module: root + path, threads })).toMatch(text);
      expect(await refusal({ module: new URL(root + path), threads })).toMatch(text);
      expect(await refusal({ module: fetch(root + path), threads })).toMatch(text);
    }
  });

  it('that was read already', async () => {
    const response = await fetch(`${root}/right`);
    await response.arrayBuffer();
    expect(await refusal({ module: response })).toMatch(/^ERR_UNSUPPORTED the module could not be read/);
    expect(await refusal({ module: response, threads: 2 })).toMatch(
      /^ERR_UNSUPPORTED the module could not be read/,
    );
  });

  it('and an address that leads nowhere', async () => {
    for (const given of [
      '',
      'x.wasm',
      'http://127.0.0.1:1/x.wasm',
      'file:///not/there.wasm',
      'data:,x',
      'about:blank',
    ]) {
      expect(await refusal({ module: given })).toMatch(
        /^ERR_(UNSUPPORTED the module could not be read|OPTION "module")/,
      );
    }
  });
});

describe('a module for the other kind of memory', () => {
  const shared = new WebAssembly.Module(withSharedMemory(bytes));
  const plain = new WebAssembly.Module(bytes);

  it('is refused, and what the text names works', async () => {
    const wantsBytes =
      /^ERR_UNSUPPORTED "module" is compiled for a memory that is not shared: give its bytes or its URL/;
    const wantsFile =
      /^ERR_UNSUPPORTED "module" is compiled for a shared memory: give simdloss.wasm as it is in the package/;
    for (const options of [{ threads: 2 }, sharedRegion()]) {
      expect(await refusal({ module: plain, ...options })).toMatch(wantsBytes);
      expect(refusalSync({ module: plain, ...options })).toMatch(wantsBytes);
      expect(await refusal({ module: bytes, ...options })).toBe('nothing thrown');
    }
    for (const options of [{}, { threads: 1 }, plainRegion()]) {
      expect(await refusal({ module: shared, ...options })).toMatch(wantsFile);
      expect(refusalSync({ module: shared, ...options })).toMatch(wantsFile);
      expect(await refusal({ module: withSharedMemory(bytes), ...options })).toMatch(wantsFile);
      expect(await refusal({ module: bytes, ...options })).toBe('nothing thrown');
    }
  });
});

/** Damages to a module, one drawn at a time. */
const damages: Record<string, (r: Random, from: Bytes) => Bytes> = {
  'cut off': (r, from) => from.slice(0, integer(r, from.length)),
  'a bit': (r, from) => {
    const copy = from.slice();
    copy[integer(r, copy.length)] ^= 1 << integer(r, 8);
    return copy;
  },
  // sizes, imports and exports stand in the first kilobytes
  'a byte near the start': (r, from) => {
    const copy = from.slice();
    copy[integer(r, 3000)] = integer(r, 256);
    return copy;
  },
  'many bytes': (r, from) => {
    const copy = from.slice();
    for (let i = 1 + integer(r, 20); i > 0; i--) copy[integer(r, copy.length)] = integer(r, 256);
    return copy;
  },
  'a piece of it left out': (r, from) => {
    const at = integer(r, from.length);
    return Uint8Array.from(Buffer.concat([from.subarray(0, at), from.subarray(at + 1 + integer(r, 200))]));
  },
  'noise behind the header': (r) => module(...Array.from({ length: integer(r, 200) }, () => integer(r, 256))),
  'sections of noise': (r) =>
    module(
      ...Array.from({ length: 1 + integer(r, 5) }, () => {
        const content = Array.from({ length: integer(r, 20) }, () => integer(r, 256));
        return [integer(r, 13), r() < 0.7 ? content.length : integer(r, 256), ...content];
      }).flat(),
    ),
  'numbers of many bytes': (r) =>
    module(...Array.from({ length: 30 }, () => (r() < 0.5 ? 0xff : r() < 0.5 ? 0x80 : integer(r, 16)))),
};

describe.each(Object.keys(damages))('damage: %s', (kind) => {
  afterEach(() => Reflect.deleteProperty(globalThis, 'attempt'));

  it('an error with a code, or an instance that works; at once', async () => {
    const r = random(1100 + kind.length);
    const memory = sharedRegion();
    const seen: Record<string, number> = {};
    for (let i = 0; i < 400; i++) {
      const given = damages[kind](r, bytes);
      // synchronous code that hangs ends with an error of the engine's
      const attempt = (options: object): string => {
        Object.assign(globalThis, { attempt: () => refusalSync(options) });
        return runInThisContext('attempt()', { timeout: 5000 });
      };
      const said = [
        attempt({ module: given }),
        attempt({ module: given, ...memory }),
        ...(i % 20 === 0
          ? [await refusal({ module: given }), await refusal({ module: given, ...memory })]
          : []),
      ];
      for (const text of said) {
        expect(text, `case ${i}`).toMatch(
          /^(ERR_OPTION "module" expected|ERR_UNSUPPORTED (the module is damaged|"module" is compiled)|nothing thrown$)/,
        );
        seen[text.slice(0, 12)] = (seen[text.slice(0, 12)] ?? 0) + 1;
      }
    }
    // the draw does damage
    expect((seen['ERR_OPTION "'] ?? 0) + (seen['ERR_UNSUPPOR'] ?? 0)).toBeGreaterThan(100);
  });
});

describe('the number of the ABI', () => {
  it('is in the module and in the wrapper', () => {
    expect(abiNumber()).toBe(ABI);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: new WebAssembly.Memory({ initial: 1 }) },
    }) as Any;
    expect(exports.abi.value).toBe(ABI);
  });

  it('changes with whatever both sides share', () => {
    const agreed: Record<string, unknown> = { ...abi };
    const seen = new Set([abiNumber(agreed)]);
    let changes = 1;
    const changed = (name: string, value: unknown): void => {
      seen.add(abiNumber({ ...agreed, [name]: value }));
      changes++;
    };
    for (const [name, value] of Object.entries(agreed)) {
      if (typeof value === 'number') changed(name, value + 1);
      else if (Array.isArray(value)) {
        changed(name, [...value, 'more']);
        changed(name, [...value].reverse());
        for (let i = 0; i < value.length; i++)
          changed(name, [...value.slice(0, i), 'renamed', ...value.slice(i + 1)]);
      } else if (typeof value === 'object') {
        changed(name, { ...value, more: 1 });
        for (const [key, number] of Object.entries(value as object))
          changed(name, { ...value, [key]: number + 1 });
      }
    }
    expect(changes).toBeGreaterThan(60);
    expect(seen.size).toBe(changes);
  });
});

describe('a kernel that a module lacks', () => {
  const lacking = (kernel: string, all?: Bytes): Any => loadSync({ module: without(kernel, all) });
  const said = (run: () => unknown): string => {
    try {
      run();
      return 'nothing thrown';
    } catch (error) {
      return shown(error);
    }
  };
  const text = (call: string, dtype: string, kernel: string) =>
    `ERR_UNSUPPORTED F.${call} in ${dtype} takes ${kernel}, which is not loaded: give load its part with ${dtype} ` +
    `('simdloss/losses/${call.split('.')[0]}${dtype === 'f64' ? '/f64' : ''}'), or simdloss.wasm as it is in the package`;
  const x = Float32Array.of(1, 2);
  const logits = { data: new Float32Array(4), shape: [2, 2] };

  it('plain calls and prepared steps: named with the loss and its dtype', () => {
    const F = lacking('mse_sumgrad_f32');
    expect(said(() => F.mse.valueAndGrad(x, x))).toBe(text('mse', 'f32', 'mse_sumgrad_f32'));
    expect(said(() => F.mse.prepare(x, x))).toBe(text('mse', 'f32', 'mse_sumgrad_f32'));
    // all else works
    expect(F.mse(x, Float32Array.of(1, 0))).toBe(2);
    expect(F.mse.valueAndGrad([1], [3]).value).toBe(4);
    const t = F.zeros([2]);
    const used = F.memory.bytesInUse;
    expect(said(() => F.mse.valueAndGrad(t, t))).toBe(text('mse', 'f32', 'mse_sumgrad_f32'));
    expect(said(() => F.mse.prepare(t, t))).toBe(text('mse', 'f32', 'mse_sumgrad_f32'));
    expect(F.memory.bytesInUse).toBe(used);
    // also one that stands in for another loss
    expect(said(() => lacking('l1_sum_f64').smoothL1([1], [2], { beta: 0 }))).toBe(
      text('smoothL1', 'f64', 'l1_sum_f64'),
    );
    // and the one that is looked for first of all
    expect(said(() => lacking('l1_any_f32').l1(x, x, { reduction: 'none' }))).toBe(
      text('l1', 'f32', 'l1_any_f32'),
    );
  });

  it('the pre-pass of labels', () => {
    const F = lacking('prepass_f32');
    const wanted = text('crossEntropy', 'f32', 'prepass_f32');
    for (let i = 0; i < 3; i++) expect(said(() => F.crossEntropy(logits, [0, 1]))).toBe(wanted);
    expect(F.crossEntropy(logits, { data: new Float32Array(4).fill(0.5), shape: [2, 2] })).toBeCloseTo(
      Math.LN2,
      6,
    );
    expect(said(() => F.crossEntropy.prepare(logits, [0, 1]))).toBe(wanted);
  });

  it('helpers', () => {
    const F = lacking(
      'crossEntropy_lanes_f32',
      without('sigmoid_any_f32', without('softmaxBackward_lanes_f32')),
    );
    expect(said(() => F.softmax(logits))).toBe(text('softmax', 'f32', 'crossEntropy_lanes_f32'));
    expect(said(() => F.softmax.grad(logits, logits))).toBe(
      text('softmax.grad', 'f32', 'softmaxBackward_lanes_f32'),
    );
    expect(said(() => F.sigmoid(x))).toBe(text('sigmoid', 'f32', 'sigmoid_any_f32'));
    expect(F.exp(Float32Array.of(0)).data[0]).toBe(1);
    expect(said(() => lacking('exp_map_f32').exp(x))).toBe(text('exp', 'f32', 'exp_map_f32'));
  });

  it('threads: the same, and what adds up the parts is done without', async () => {
    const many = Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
    const zeros = new Float32Array(300_000);
    const whole = loadSync();
    for (const kernel of ['addBlocks_f32', 'mse_any_f32']) {
      const F: Any = await load({ module: without(kernel), threads: 2 });
      expect(F.threads).toBe(2);
      expect(F.mse(many, zeros)).toBe(whole.mse(many, zeros));
      if (kernel === 'mse_any_f32') {
        const none = { reduction: 'none' };
        expect(said(() => F.mse(many, zeros, none))).toBe(text('mse', 'f32', kernel));
        expect(said(() => F.mse.prepare(many, zeros, none))).toBe(text('mse', 'f32', kernel));
      }
      F.dispose();
    }
  });

  it('the whole module has it, as the text says', () => {
    expect(loadSync({ module: bytes }).mse.valueAndGrad(x, x).value).toBe(0);
  });
});
