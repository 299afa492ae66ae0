// docs/adding-a-loss.md, followed to the letter in a copy of the repository.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { copyRepository } from '../../scripts/copy.ts';
import { registry } from '../../src/losses/registry.ts';
import { follow, recipeOf } from './recipe.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const recipe = recipeOf(readFileSync(join(root, 'docs/adding-a-loss.md'), 'utf8'));
const { files, changes, additions, commands } = recipe;

it('the page adds a loss that there is not, by at most five new files and two edits', () => {
  const [name] = /\w+(?=\.ts$)/.exec(files[0].path)!;
  expect(Object.keys(registry)).not.toContain(name);
  expect(files.length).toBeGreaterThan(0);
  expect(files.length).toBeLessThanOrEqual(5);
  expect(changes.length + additions.length).toBeLessThanOrEqual(2);
});

describe('followed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-adding-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (command: string): Promise<string> => {
    const env = { ...process.env, SIMDLOSS_CASES: '300', NO_COLOR: '1', VITEST: undefined };
    try {
      return (await promisify(execFile)('bash', ['-c', command], { cwd: folder, env, maxBuffer: 2 ** 26 }))
        .stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command}\n${stdout.slice(-8000)}\n${stderr.slice(-4000)}`, { cause: error });
    }
  };

  it('the files are written', () => {
    copyRepository(root, folder);
    follow(recipe, folder);
  });

  it('they are formatted as all others', () => run('npx biome check .'));

  // the modules are compiled anew, and the loss's own tests run: minutes. Nothing here is named after the loss, or its tests in the
  // copy would be these, too
  it.each(commands)('command %# ends well', { timeout: 1_800_000 }, async (command) => {
    const stdout = await run(command);
    if (!command.includes('vitest')) return;
    const [, passed] = /Tests +(\d+) passed/.exec(stdout) ?? [];
    expect(Number(passed), stdout.slice(-4000)).toBeGreaterThan(100);
  });

  it('what follows from the registry is up to date', () => run('npm run generate -- --check'));
});
