import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documentFiles } from '../../scripts/accuracy/document.ts';
import { gaps, measure } from '../../scripts/accuracy/gaps.ts';

it('docs/accuracy.md and its plot say what the library computes (tsx scripts/accuracy/main.ts writes them)', async () => {
  for (const [path, wanted] of Object.entries(await documentFiles())) {
    const url = new URL(`../../${path}`, import.meta.url);
    expect(existsSync(url) && readFileSync(url, 'utf8'), path).toBe(wanted);
  }
});

it('keeps what the document claims: 4e-6 at every gap, where PyTorch has nothing left from 17 on', async () => {
  for (const { title, ours, torch } of await measure()) {
    expect(Math.max(...ours), title).toBeLessThanOrEqual(4e-6);
    for (const gap of gaps) if (gap >= 20) expect(torch[gap - 1], `${title}, ${gap}`).toBe(1);
  }
});
