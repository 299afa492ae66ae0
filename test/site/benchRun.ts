// The bench of the page: choosing, and what it says.
import type { Page } from '../browsers/browsers.ts';
import { set } from './visit.ts';

export const status = (page: Page): Promise<string> =>
  page.run(() => document.querySelector<HTMLElement>('[data-status]')?.dataset.status ?? '');

export async function chooseBench(
  page: Page,
  losses: readonly string[],
  extent: string,
  variants: readonly string[],
): Promise<void> {
  await set(page, '[name=extent]', extent);
  await page.run(
    (names, kinds) => {
      const check = (name: string, wanted: readonly string[]) => {
        for (const box of document.querySelectorAll<HTMLInputElement>(`[name=${name}]`))
          box.checked = wanted.includes(box.value);
      };
      check('bench-loss', names);
      check('variant', kinds);
    },
    losses,
    variants,
  );
}

export const result = async (page: Page): Promise<any> =>
  JSON.parse(
    await page.run(() => document.querySelector<HTMLTextAreaElement>('#bench textarea')?.value ?? ''),
  );
