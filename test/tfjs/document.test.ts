// docs/training.md: its code prints what its comments say, with the packed package; its figures are the committed results.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { makes } from '../../bench/tfjs/epoch.ts';
import { readResults } from '../../bench/tfjs/results.ts';
import { install } from '../engines/packed.ts';
import { backends, folder, isThere } from './tfjs.ts';

const page = readFileSync(new URL('../../docs/training.md', import.meta.url), 'utf8');

describe.skipIf(!isThere)('docs/training.md', () => {
  const installed = install();
  afterAll(installed.remove);

  it('prints what its comments say', () => {
    mkdirSync(join(installed.folder, 'node_modules'), { recursive: true });
    const name = '@tensorflow';
    symlinkSync(join(folder, 'node_modules', name), join(installed.folder, 'node_modules', name));
    const [, code] = /^```ts\n([\s\S]*?)^```/m.exec(page)!;
    const file = installed.write(
      'training.mjs',
      transformSync(code, { loader: 'ts', target: 'es2022' }).code,
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status, stderr).toBe(0);
    const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
    expect(said).toHaveLength(3);
    const printed = stdout.split('\n').filter((line) => /^(true|false|-?[\d.]+)$/.test(line));
    expect(
      printed.map((line, i) =>
        /\d/.test(line) ? Number(line).toFixed(said[i].split('.')[1]?.length) : line,
      ),
    ).toEqual(said);
  });
});

describe('its figures', () => {
  const { cases } = readResults();

  it('are of both backends and every make', () => {
    expect(new Set(cases.map(({ backend }) => backend))).toEqual(new Set(backends));
    for (const { epoch, ratio } of cases) {
      expect(Object.keys(epoch)).toEqual([...makes]);
      expect(ratio.none).toBe(1);
    }
  });

  // 1.3 times tfjs's speed was aimed at with 10,000 classes on wasm: an epoch without any loss takes 1.22 times less than with tfjs's,
  // so that no loss can reach it there
  it('are nearly those of an epoch without a loss, with 1,000 classes and on wasm with 10,000', () => {
    for (const { classes, ratio } of cases)
      if (classes === 1000) expect(ratio.simdloss).toBeLessThanOrEqual(1.1);
    const large = cases.find(({ backend, classes }) => backend === 'wasm' && classes === 10_000)!;
    expect(large.ratio['simdloss, indices']).toBeLessThanOrEqual(1.05);
    expect(large.epoch.tfjs / large.epoch['simdloss, indices']).toBeGreaterThan(1.1);
  });
});
