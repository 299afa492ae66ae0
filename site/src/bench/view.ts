// (b) The bench: from what is wished for to what is found.
import { sizeText } from '../../../bench/format.ts';
import { byId, h } from '../dom.ts';
import type { Backends } from '../library.ts';
import { BenchForm } from './form.ts';
import { Output } from './output.ts';
import { casesFor, type PageResult, plans, type Variant } from './plan.ts';
import { Run } from './run.ts';
import { summaryOf } from './summary.ts';

export function showBench({ wasm }: Backends): void {
  const place = byId('bench-view');
  if (wasm === undefined) {
    const text = 'This browser has no WebAssembly with SIMD: there is nothing to compare.';
    place.replaceChildren(h('p', { class: 'notice' }, text));
    return;
  }
  let run: Run | undefined;
  const form = new BenchForm(
    () => void measure(),
    () => run?.cancel(),
  );
  const output = new Output();
  place.replaceChildren(h('div', { class: 'stack' }, form.element, output.element));

  async function measure(): Promise<void> {
    const { wish } = form;
    if (wish.losses.length === 0) {
      form.say('idle', 'Choose at least one loss.');
      return;
    }
    const environment = {
      userAgent: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      clockResolutionMs: Number.NaN,
      others: 0,
      date: new Date().toISOString().slice(0, 10),
      dtype: wish.dtype,
      extent: wish.extent,
      unit: 'ns per element; ratio: js / wasm',
    };
    const results: PageResult[] = [];
    const skipped = new Map<Variant, string>();
    const show = (): void => output.show({ environment, results, skipped });
    show();
    form.begin();
    const settings = { dtype: wish.dtype, effort: plans[wish.extent].effort };
    run = new Run(casesFor(wish), settings, {
      started({ loss, shape, variant }, done, of) {
        form.advance(done, of);
        const kind = variant === 'wasm' ? '' : `, ${variant}`;
        form.say('running', `${done + 1} of ${of}: ${loss}, ${sizeText(shape)}${kind}`);
      },
      measured(result) {
        results.push(result);
        show();
      },
      looked(others) {
        environment.others = Math.max(environment.others, Number(others.toFixed(2)));
      },
      skipped: ({ variant }, why) => void skipped.set(variant, why),
      resolution(ms) {
        environment.clockResolutionMs = ms;
      },
    });
    try {
      const complete = await run.start();
      const what = `${results.length} measurements`;
      if (complete) form.end('done', `Done: ${what}. ${summaryOf(results)}`);
      else form.end('cancelled', `Cancelled after ${what}.`);
    } catch (cause) {
      form.end('failed', `The benchmark failed: ${(cause as Error).message}`);
    }
    run = undefined;
    show();
  }
}
