// The committed results of the benches of sets, pairs and sequences.
import { describe, expect, it } from 'vitest';
import { type RecordName, readRecords } from '../../bench/records.ts';

const names: readonly RecordName[] = ['sets', 'pairs', 'sequences'];

describe.each(names)('bench:%s', (name) => {
  const { environment, cases } = readRecords(name);

  it('says where and when', () => {
    for (const part of ['cpu', 'node', 'date'] as const) expect(environment[part]).toMatch(/./);
    expect(environment.others).toBeGreaterThanOrEqual(0);
  });

  it('has each call on each instance and shape once', () => {
    const idOf = ({ backend, threads, shape, call }: (typeof cases)[number]) =>
      [backend, threads, shape, call].join();
    expect(new Set(cases.map(idOf)).size).toBe(cases.length);
    const some = (of: (typeof cases)[number][]) => of.map(({ shape, call }) => `${shape} ${call}`).sort();
    const one = cases.filter(({ backend, threads }) => backend === 'wasm' && threads === 1);
    const two = cases.filter(({ threads }) => threads === 2);
    const js = cases.filter(({ backend }) => backend === 'js');
    expect(one.length).toBeGreaterThan(5);
    expect(some(two)).toEqual(some(one));
    // but for what takes half a minute a call
    expect(some(one)).toEqual(expect.arrayContaining(some(js)));
    expect(js.length).toBeGreaterThan(5);
    for (const { wall, cpu } of cases) expect(Math.min(wall, cpu)).toBeGreaterThan(0);
  });
});
