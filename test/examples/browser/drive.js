// Runs in a page that frames the example: presses its buttons, and leaves what it saw in the document's title.

const TIMEOUT_MS = 60_000;

/** @template T @param {string} what @param {() => T | undefined | false} look @returns {Promise<T>} */
async function until(what, look) {
  const end = performance.now() + TIMEOUT_MS;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function drive() {
  const frame = /** @type {HTMLIFrameElement} */ (document.querySelector('iframe'));
  /** @param {string} selector @returns {any} */
  const at = (selector) => frame.contentDocument?.querySelector(selector);
  const text = (/** @type {string} */ selector) => at(selector).textContent;
  const press = (/** @type {string} */ selector, times = 1) => {
    for (let i = 0; i < times; i++) at(selector).click();
  };
  const enabled = () => at('#run')?.disabled === false && at('#backends').disabled === false;
  await until('the page', () => enabled() || at('#problem')?.hidden === false);
  /** @type {string[]} */
  const violations = [];
  frame.contentDocument?.addEventListener('securitypolicyviolation', (event) =>
    violations.push(event.violatedDirective),
  );
  const saw = {
    problem: at('#problem').hidden ? '' : text('#problem'),
    styled: /** @type {Window} */ (frame.contentWindow).getComputedStyle(at('main')).display,
    start: text('#loss'),
    pictures: [at('#weights').children.length, at('#digits').children.length],
  };
  const ofBackend = (/** @type {string} */ value) => {
    press(`input[value=${value}]`);
    press('#reset');
    press('#once', 5);
    return [text('#steps'), text('#loss'), text('#heldOutLoss'), text('#accuracy')];
  };
  const js = ofBackend('js');
  const wasm = ofBackend('wasm');
  const smoothing = at('#smoothing');
  smoothing.value = '0.3';
  smoothing.dispatchEvent(new Event('input', { bubbles: true }));
  const smoothed = [text('#steps'), text('#loss')];
  smoothing.value = '0';
  smoothing.dispatchEvent(new Event('input', { bubbles: true }));
  const back = text('#loss');
  press('#run');
  await until('steps', () => Number(text('#steps')) >= 60);
  press('#run');
  const paused = text('#steps');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const context = at('#weights canvas').getContext('2d');
  return {
    ...saw,
    js,
    wasm,
    smoothed,
    back,
    stillPaused: text('#steps') === paused,
    loss: Number(text('#loss')),
    accuracy: Number.parseFloat(text('#accuracy')),
    wrong: frame.contentDocument?.querySelectorAll('#digits .wrong').length,
    curve: at('#curve polyline').points.length,
    painted: context.getImageData(0, 0, 8, 8).data.some((/** @type {number} */ level) => level > 0),
    times: ['#wasmTime', '#jsTime'].map((selector) => Number.parseFloat(text(selector))),
    violations,
  };
}

drive().then(
  (saw) => {
    document.title = JSON.stringify(saw);
  },
  (error) => {
    document.title = JSON.stringify({ failure: String(error) });
  },
);
