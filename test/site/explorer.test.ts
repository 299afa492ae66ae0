// The page in the browsers: every loss, its options and its curves, by pointer and by keys.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, browsers, type Page } from '../browsers/browsers.ts';
import { rowDescriptors as descriptors } from '../rows/names.ts';
import { buildable } from './built.ts';
import { readChart, scaleOf } from './drawn.ts';
import { checkCurves, expected, F, shownNumbers } from './expected.ts';
import { isolatedFor, numberIn, open, servedSite, set, TIMEOUT, until } from './visit.ts';

const site = servedSite();
const url = (): string => site().url;
afterAll(() => F.dispose());

describe.skipIf(!buildable).each(browsers)('$name', (kind) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await kind.open();
    page = await open(browser, `${url()}${isolatedFor(kind)}`);
  }, TIMEOUT);
  afterAll(() => browser?.close());

  it('loads under its policy, isolated, and offers every loss of the registry', async () => {
    expect(await page.run(() => crossOriginIsolated)).toBe(true);
    const offered = await page.run(() =>
      [...document.querySelectorAll<HTMLOptionElement>('[name=loss] option')].map((option) => option.value),
    );
    expect(offered.sort()).toEqual(descriptors.map((d) => d.name).sort());
    const listed = await page.run(() =>
      [...document.querySelectorAll<HTMLElement>('.loss-table [data-loss]')].map((row) => row.dataset.loss),
    );
    expect(listed).toEqual(descriptors.map((d) => d.name));
    expect(await page.errors()).toEqual([]);
  });

  describe.each(descriptors)('$name', (descriptor) => {
    it('is chosen, and its curves are what the library returns', async () => {
      await set(page, '[name=loss]', descriptor.name);
      expect(await page.run(() => document.querySelector<HTMLElement>('.place')?.dataset.loss)).toBe(
        descriptor.name,
      );
      await checkCurves(page, descriptor);
    });

    it('shows what both backends return, and how it was called', async () => {
      const { term, sum, at } = await expected(page, descriptor);
      const { call, backends, value, grad } = await shownNumbers(page);
      expect(backends).toEqual(['wasm', 'js']);
      expect(call).toContain(`F.${descriptor.name}.valueAndGrad(`);
      // the bits of wasm are the same everywhere
      expect(value[0]).toBe(sum(at));
      // the page writes no sign of 0
      expect(grad[0]).toBe(term(at).grad + 0);
      expect(Math.abs(value[1] - value[0])).toBeLessThanOrEqual(1e-6 * Math.abs(value[0]));
      expect(Math.abs(grad[1] - grad[0])).toBeLessThanOrEqual(1e-6 * Math.abs(grad[0]));
    });

    it('has a control for each of its options, and what docs/ says of it', async () => {
      const controls = await page.run(() =>
        [...document.querySelectorAll<HTMLInputElement>('.options [name^=option-]')].map(
          (control) => control.name,
        ),
      );
      // one row has one axis
      for (const option of Object.keys(descriptor.options).filter((own) => own !== 'axis'))
        expect(controls).toContain(`option-${option}`);
      const notes = await page.run(() =>
        [...document.querySelectorAll('.notes p')].map((note) => note.textContent?.length ?? 0),
      );
      expect(notes.length).toBe(3);
      for (const length of notes) expect(length).toBeGreaterThan(20);
    });
  });

  it('options change the curves', async () => {
    const by = (loss: string) => descriptors.find((d) => d.name === loss)!;
    await set(page, '[name=loss]', 'huber');
    await set(page, '[name=option-delta]', 2);
    await set(page, '[name=target]', -1);
    await checkCurves(page, by('huber'), { delta: 2 });
    await set(page, '[name=loss]', 'crossEntropy');
    await set(page, '[name=option-labelSmoothing]', 0.2);
    await set(page, '[name=classes]', 10);
    await set(page, '[name=label][value="7"]', true);
    await checkCurves(page, by('crossEntropy'), { labelSmoothing: 0.2 });
  });

  it('says the formulas of the options that are set, and what their letters mean', async () => {
    const facts = () =>
      page.run(() => [...document.querySelectorAll('.facts .hint')].map((line) => line.textContent ?? ''));
    await set(page, '[name=loss]', 'crossEntropy');
    expect((await facts()).slice(0, 2)).toEqual([
      'value −Σ_c a_c log softmax(x)_c',
      'gradient softmax(x)_c Σ a − a_c',
    ]);
    await set(page, '[name=option-fromLogits]', false);
    expect((await facts()).slice(0, 2)).toEqual(['value −Σ_c a_c log x_c', 'gradient −a_c/x_c']);
    await set(page, '[name=option-eps]', 0.1);
    await set(page, '[name=option-epsMode]', 'add');
    expect((await facts())[1]).toBe('gradient −a_c/(x_c + eps)');
    expect((await facts())[2]).toContain('x the input');
    await set(page, '[name=loss]', 'klDiv');
    await set(page, '[name=option-logTarget]', true);
    expect((await facts())[1]).toBe('gradient −eᵗ');
    expect((await facts())[2]).toBe('x the input; t the target');
  });

  it('calls inputs what they are, and says what has no slider', async () => {
    const said = () =>
      page.run(() => ({
        sliders: [...document.querySelectorAll('.place .pair label')].map((label) => label.textContent),
        third: document.querySelector('.place .pair + .hint')?.textContent,
        other: [...document.querySelectorAll('.facts .hint')].at(-1)?.textContent,
      }));
    await set(page, '[name=loss]', 'tripletMargin');
    expect(await said()).toEqual({
      sliders: ['Anchor a', 'Positive p'],
      third: 'negative is (1, 1) here.',
      other: 'PyTorch triplet_margin_loss',
    });
    await set(page, '[name=loss]', 'marginRanking');
    expect(await said()).toMatchObject({
      sliders: ['First input x₁', 'Second input x₂'],
      third: 'target is 1 here.',
    });
    await set(page, '[name=loss]', 'hinge');
    expect(await said()).toEqual({
      sliders: ['Prediction x', 'Label t'],
      third: '',
      other: 'Keras keras.losses.Hinge',
    });
    expect(await numberIn(page, '[name=target]')).toBe(1);
    expect((await readChart(page, 'value')).x.name).toBe('score x, dimensionless');
  });

  it('a chart whose place is too narrow for its axes waits until it is wider', async () => {
    const lines = () => page.run(() => document.querySelectorAll('[data-chart=value] svg').length);
    const narrow = (width: string) =>
      page.run((to) => {
        document.querySelector<HTMLElement>('.place')!.style.width = to;
      }, width);
    await narrow('60px');
    await set(page, '[name=loss]', 'nll');
    await set(page, '[name=loss]', 'mse');
    expect(await lines()).toBe(0);
    await narrow('');
    await until(async () => (await lines()) === 1, 'it is drawn');
    expect(await page.errors()).toEqual([]);
  });

  it('on probabilities value and gradient are over the probability', async () => {
    await set(page, '[name=loss]', 'crossEntropy');
    await set(page, '[name=option-fromLogits]', false);
    const [value, grad] = [await readChart(page, 'value'), await readChart(page, 'grad')];
    for (const drawn of [value, grad]) expect(drawn.x.name).toMatch(/^probability of class/);
    const [x, y] = [scaleOf(grad.x), scaleOf(grad.y)];
    const points = grad.lines[0].parts.flat().filter(([, py]) => py >= 0 && py <= grad.height);
    expect(points.length).toBeGreaterThan(100);
    for (const [px, py] of points) {
      if (x.from(px) > 0.1) expect(y.from(py) * x.from(px)).toBeCloseTo(-1, 1);
    }
  });

  it('its address keeps the loss and its options', async () => {
    await set(page, '[name=loss]', 'huber');
    await set(page, '[name=option-delta]', 2);
    await set(page, '[name=dtype][value=f64]', true);
    const hash = await until(
      () => page.run(() => location.hash.includes('delta') && location.hash.includes('f64') && location.hash),
      'the address says it',
    );
    expect(hash).toBe('#loss-huber&delta=2&dtype=f64');
    const other = await open(browser, `${url()}${isolatedFor(kind)}${hash}`);
    const seen = await other.run(() => ({
      call: document.querySelector('[data-call]')?.textContent,
      unserved: document.querySelector('#unserved') !== null,
    }));
    expect(seen.call).toContain('Float64Array');
    expect(seen.call).toContain('delta: 2');
    // the notice that there is no server
    expect(seen.unserved).toBe(false);
    // WebKit's driver has one window for both
    await other.close();
    await page.close();
    page = await open(browser, `${url()}${isolatedFor(kind)}`);
  });

  it('an option out of range is refused in the library’s words, and the page goes on', async () => {
    await set(page, '[name=loss]', 'huber');
    await set(page, '[name=option-delta-exact]', -1);
    const said = () => page.run(() => document.querySelector('.error')?.textContent);
    expect(await said()).toBe('"delta" expected a number greater than 0, got -1');
    await set(page, '[name=option-delta-exact]', 1);
    expect(await said()).toBe('');
  });

  it('bars show softmax, losses and gradients of the library', async () => {
    await set(page, '[name=loss]', 'crossEntropy');
    await set(page, '[name=classes]', 3);
    await set(page, '[name=logit-1]', 3);
    await set(page, '[name=label][value="1"]', true);
    const logits = await page.run(() =>
      [...document.querySelectorAll<HTMLInputElement>('[type=range][name^=logit-]')].map((input) =>
        Number(input.value),
      ),
    );
    expect(logits.length).toBe(3);
    const row = { data: Float32Array.from(logits), shape: [1, 3] };
    const wanted = {
      softmax: [...F.softmax(row).data],
      loss: [0, 1, 2].map((label) => F.crossEntropy(row, Int32Array.of(label))),
      gradient: [...F.crossEntropy.grad(row, Int32Array.of(1)).data],
    };
    for (const [chart, numbers] of Object.entries(wanted)) {
      const bars = await page.run((of) => {
        const svg = document.querySelector(`[data-chart="${of}"] svg`)!;
        const widths = Array.from(svg.querySelectorAll('[data-mark="bar"] rect'), (bar) =>
          Number(bar.getAttribute('width')),
        );
        return { widths, texts: svg.getAttribute('aria-label') ?? '' };
      }, chart);
      expect(bars.widths.length).toBe(3);
      const longest = Math.max(...numbers.map(Math.abs));
      numbers.forEach((number, i) => {
        expect(bars.widths[i] / Math.max(...bars.widths)).toBeCloseTo(Math.abs(number) / longest, 2);
      });
      expect(bars.texts).toContain('class 2:');
    }
  });

  it('keys move the prediction', async () => {
    await set(page, '[name=loss]', 'mse');
    await set(page, '[name=input]', 1);
    await page.press('[type=range][name=input]', 'ArrowRight');
    await until(async () => (await numberIn(page, '[name=input]')) > 1, 'the slider moved');
    const at = await numberIn(page, '[name=input]');
    const { value } = await until(async () => {
      const shown = await shownNumbers(page);
      return shown.call.includes(`of(${at})`) && shown;
    }, 'the numbers follow');
    expect(value[0]).toBe(F.mse(Float32Array.of(at), Float32Array.of(await numberIn(page, '[name=target]'))));
  });

  it('dragging moves the prediction, and the target where that is grabbed', async () => {
    await set(page, '[name=loss]', 'l1');
    await set(page, '[name=input]', 2);
    await set(page, '[name=target]', -2);
    const drawn = await readChart(page, 'value');
    const x = scaleOf(drawn.x);
    const place = (number: number): readonly [number, number] => [x.to(number) / drawn.width, 0.4];
    await page.drag('[data-chart=value] svg', place(2), place(3));
    await until(
      async () => Math.abs((await numberIn(page, '[name=input]')) - 3) < 0.11,
      'the prediction is at 3',
    );
    expect(await numberIn(page, '[name=target]')).toBe(-2);
    await page.drag('[data-chart=grad] svg', place(-2), place(-1));
    await until(
      async () => Math.abs((await numberIn(page, '[name=target]')) + 1) < 0.11,
      'the target is at -1',
    );
    await checkCurves(page, descriptors.find((d) => d.name === 'l1')!);
  });

  it('float32: the textbook formula is 0 where the library is not', async () => {
    for (const loss of ['crossEntropy', 'bceWithLogits']) {
      await set(page, '[name=precision-loss]', loss);
      await set(page, '[name=gap]', 30);
      const rows = await page.run(() =>
        [...document.querySelectorAll<HTMLElement>('#precision tbody tr')].map((row) =>
          [...row.querySelectorAll<HTMLElement>('td')].map((cell) =>
            Number(cell.dataset.value ?? cell.dataset.grad),
          ),
        ),
      );
      expect(rows.length).toBe(3);
      for (const ours of rows.slice(0, 2))
        for (const number of ours) expect(Math.abs(number) / Math.exp(-30)).toBeCloseTo(1, 4);
      expect(rows[2].map(Math.abs)).toEqual([0, 0]);
      for (const chart of ['tail-value', 'tail-grad']) {
        const drawn = await readChart(page, chart);
        const y = scaleOf(drawn.y, true);
        const x = scaleOf(drawn.x);
        const [ours, textbook] = drawn.lines.map(({ parts }) => parts.flat());
        for (const [px, py] of ours.filter(([px]) => x.from(px) > 10))
          expect(Math.log(y.from(py)) / -x.from(px)).toBeCloseTo(1, 1);
        const bottom = Math.max(...textbook.map(([, py]) => py));
        for (const [px, py] of textbook) {
          if (x.from(px) > 17) expect(py).toBe(bottom);
          if (x.from(px) < 15) expect(py).toBeLessThan(bottom - 50);
        }
      }
    }
  });

  it('the colours can be chosen', async () => {
    const background = () => page.run(() => getComputedStyle(document.body).backgroundColor);
    await set(page, '#theme', 'dark');
    const dark = await background();
    await set(page, '#theme', 'light');
    expect(dark).not.toBe(await background());
    await set(page, '#theme', 'auto');
  });

  it('on a phone nothing has to be scrolled sideways', async () => {
    await page.close();
    for (const [width, least] of [
      [390, 250],
      [320, 200],
    ]) {
      page = await open(browser, `${url()}${isolatedFor(kind)}`, { width, height: 844 });
      for (const { name: loss } of descriptors) {
        await set(page, '[name=loss]', loss);
        const [content, window] = await page.run(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(content, `${loss} at ${width}`).toBeLessThanOrEqual(window);
        const [numbers, within] = await page.run(() => {
          const { scrollWidth, clientWidth } = document.querySelector('.numbers .scroll')!;
          return [scrollWidth, clientWidth];
        });
        expect(numbers, `numbers of ${loss} at ${width}`).toBeLessThanOrEqual(within);
      }
      // nor within the table of losses, which would scroll by itself
      const [table, room] = await page.run(() => {
        const card = document.querySelector('#loss-table .scroll')!;
        return [card.scrollWidth, card.clientWidth];
      });
      expect(table).toBeLessThanOrEqual(room);
      const drawn = await readChart(page, 'value');
      expect(drawn.width).toBeGreaterThan(least);
      // a label is nearer to its own field than to the one above
      const gaps = await page.run(() => {
        const boxes = [...document.querySelectorAll('.bench-choices > .field')].map((field) => ({
          top: field.getBoundingClientRect().top,
          bottom: field.getBoundingClientRect().bottom,
        }));
        return boxes.slice(1).map(({ top }, i) => top - boxes[i].bottom);
      });
      for (const gap of gaps) expect(gap).toBeGreaterThan(8);
      expect(await page.errors()).toEqual([]);
      await page.close();
    }
    page = await open(browser, `${url()}${isolatedFor(kind)}`);
  });
});
