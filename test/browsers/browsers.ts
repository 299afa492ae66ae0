// The system's browsers: opening a page in each, and reading the title that the page leaves.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Missing, missing } from '../missing.ts';

/** A file that has to be there. */
type Need = Omit<Missing, 'what'> & { readonly path: string };

export interface Browser {
  /** Opens the address and waits for a title that is JSON. */
  see(url: string): Promise<any>;
  /** Opens the address to be used. */
  visit(url: string, size?: Size): Promise<Page>;
  close(): Promise<void>;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Place = readonly [x: number, y: number];

/** A page that a test uses as a visitor does. */
export interface Page {
  /** Runs a function in the page; it must stand on its own. */
  run<A extends unknown[], R>(what: (...args: A) => R, ...args: A): Promise<R>;
  click(selector: string): Promise<void>;
  /** Focuses the element and presses a key, by its name in KeyboardEvent. */
  press(selector: string, key: Key): Promise<void>;
  /** Presses at one place of the element and moves to another; places are fractions of its width and height. */
  drag(selector: string, from: Place, to: Place): Promise<void>;
  /** PNG of the window, or of one element; WebKit's of the window from there on. */
  screenshot(selector?: string): Promise<Buffer>;
  /** What the console and the page complained of; where the driver does not tell, what window.watched holds. */
  errors(): Promise<string[]>;
  /** What Chromium's console shows of what the function logs: class and properties. */
  logged?(what: () => void): Promise<{ description: string; properties: Record<string, string> }>;
  close(): Promise<void>;
}

/** Keys with the numbers that WebDriver has for them. */
const keys = {
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  Tab: '\uE004',
  Enter: '\uE007',
  ' ': '\uE00D',
};
export type Key = keyof typeof keys;

export interface Kind {
  readonly name: string;
  /** What must exist for it. */
  readonly needs: readonly Need[];
  readonly open: () => Promise<Browser>;
}

const TIMEOUT_MS = 90_000;
const WINDOW: Size = { width: 1280, height: 900 };

/** A call of the function as source, so that every driver takes it. */
const inPage = (what: (...args: never[]) => unknown, args: readonly unknown[]): string =>
  `(${what})(...${JSON.stringify(args)})`;
export const CHROMIUM = '/usr/bin/chromium';
export const FIREFOX = '/usr/bin/firefox-esr';
const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver';
const WEBKIT = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const driver = new URL('node_modules/playwright-core/index.mjs', import.meta.url);

async function playwright(kind: 'chromium' | 'firefox', options: object): Promise<Browser> {
  const library = await import(driver.href);
  const browser = await library[kind].launch({ headless: true, ...options });
  return {
    async see(url) {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error: Error) => errors.push(error.message));
      page.on('console', (message: any) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      try {
        await page.goto(url);
        await page.waitForFunction(() => document.title.startsWith('{'), undefined, { timeout: TIMEOUT_MS });
        return { ...JSON.parse(await page.title()), errors };
      } catch (cause) {
        throw new Error(`${url}: ${(cause as Error).message}; ${errors.join('; ')}`, { cause });
      } finally {
        await page.close();
      }
    },
    async visit(url, size = WINDOW) {
      const context = await browser.newContext({ viewport: size });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error: Error) => errors.push(error.message));
      page.on('console', (message: any) => {
        if (['error', 'warning'].includes(message.type())) errors.push(message.text());
      });
      page.setDefaultTimeout(TIMEOUT_MS);
      await page.goto(url);
      return {
        run: (what, ...args) => page.evaluate(inPage(what, args)),
        click: (selector) => page.locator(selector).click(),
        press: (selector, key) => page.locator(selector).press(key),
        async drag(selector, from, to) {
          await page.locator(selector).scrollIntoViewIfNeeded();
          const { x, y, width, height } = await page.locator(selector).boundingBox();
          await page.mouse.move(x + from[0] * width, y + from[1] * height);
          await page.mouse.down();
          await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 4 });
          await page.mouse.up();
        },
        screenshot: (selector) =>
          selector === undefined ? page.screenshot() : page.locator(selector).screenshot(),
        errors: async () => errors,
        ...(kind === 'chromium' && {
          async logged(what: () => void) {
            const protocol = await context.newCDPSession(page);
            await protocol.send('Runtime.enable');
            const call: Promise<any> = new Promise((resolve) =>
              protocol.once('Runtime.consoleAPICalled', resolve),
            );
            await page.evaluate(inPage(what, []));
            const { description, properties } = (await call).args[0].preview;
            return {
              description,
              properties: Object.fromEntries(properties.map((one: any) => [one.name, one.value])),
            };
          },
        }),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}

/** A port that nobody listens on. The system's own are above 32767, where `fetch` forbids none. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** WebKitGTK's MiniBrowser by plain WebDriver, on a display of its own. */
async function webkit(): Promise<Browser> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    JSC_useSharedArrayBuffer: '1',
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
  };
  const child: ChildProcess = spawn('xvfb-run', ['-a', WEBKIT_DRIVER, '-p', String(port)], {
    stdio: 'ignore',
    detached: true,
    env,
  });
  const call = async (method: string, path: string, body?: object): Promise<any> => {
    const response = await fetch(base + path, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: any };
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const until = async <T>(attempt: () => Promise<T | undefined>): Promise<T> => {
    const end = Date.now() + TIMEOUT_MS;
    for (let last: unknown; ; await sleep(100)) {
      try {
        const value = await attempt();
        if (value !== undefined) return value;
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) throw new Error('WebKit did not answer in time', { cause: last });
    }
  };
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid);
  };
  try {
    await until(() => call('GET', '/status'));
    const options = { binary: WEBKIT, args: ['--automation'] };
    const { sessionId } = await call('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
    });
    const session = `/session/${sessionId}`;
    return {
      async see(url) {
        await call('POST', `${session}/url`, { url });
        const title = await until(async () => {
          const text: string = await call('GET', `${session}/title`);
          return text.startsWith('{') ? text : undefined;
        });
        return { ...JSON.parse(title), errors: [] };
      },
      async visit(url, size = WINDOW) {
        const run: Page['run'] = (what, ...args) =>
          call('POST', `${session}/execute/sync`, { script: `return ${inPage(what, args)}`, args: [] });
        const find = async (selector: string): Promise<string> => {
          const using = { using: 'css selector', value: selector };
          return Object.values<string>(await call('POST', `${session}/element`, using))[0];
        };
        // the driver does not wait for a page that scrolls smoothly
        const show = (selector: string, block: ScrollLogicalPosition = 'center') =>
          run(
            (which, to) => document.querySelector(which)?.scrollIntoView({ behavior: 'instant', block: to }),
            selector,
            block,
          );
        await call('POST', `${session}/window/rect`, size);
        await call('POST', `${session}/url`, { url });
        return {
          run,
          async click(selector) {
            await show(selector);
            await call('POST', `${session}/element/${await find(selector)}/click`, {});
          },
          async press(selector, key) {
            await call('POST', `${session}/element/${await find(selector)}/value`, { text: keys[key] });
          },
          async drag(selector, from, to) {
            await show(selector);
            const box = await run((which) => {
              const { x, y, width, height } = document.querySelector(which)!.getBoundingClientRect();
              return { x, y, width, height };
            }, selector);
            const move = ([x, y]: Place) => ({
              type: 'pointerMove',
              duration: 50,
              x: Math.round(box.x + x * box.width),
              y: Math.round(box.y + y * box.height),
            });
            const middle: Place = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
            const actions = [
              move(from),
              { type: 'pointerDown', button: 0 },
              move(middle),
              move(to),
              { type: 'pointerUp', button: 0 },
            ];
            const mouse = { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions };
            await call('POST', `${session}/actions`, { actions: [mouse] });
          },
          // of an element that is longer than the window there is never an answer
          async screenshot(selector = 'body') {
            await show(selector, 'start');
            return Buffer.from(await call('GET', `${session}/screenshot`), 'base64');
          },
          errors: () => run(() => (window as { watched?: string[] }).watched ?? []),
          async close() {
            await call('POST', `${session}/url`, { url: 'about:blank' });
          },
        };
      },
      async close() {
        await call('DELETE', session);
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

export const chromiumFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const need = (path: string, packages: string): Need => ({
  path,
  why: 'not installed',
  install: `apt-get install ${packages}`,
});
const needsDriver: Need = {
  path: decodeURIComponent(driver.pathname),
  why: 'their driver is not installed',
  install: 'npm ci --prefix test/browsers',
};
const webkitPackages = 'webkit2gtk-driver xvfb';

const kinds: readonly Kind[] = [
  {
    name: 'Chromium',
    needs: [need(CHROMIUM, 'chromium'), needsDriver],
    open: () => playwright('chromium', { executablePath: CHROMIUM, args: chromiumFlags }),
  },
  {
    name: 'Firefox',
    needs: [need(FIREFOX, 'firefox-esr'), needsDriver],
    open: () => playwright('firefox', { executablePath: FIREFOX, channel: 'moz-firefox' }),
  },
  {
    name: 'WebKit',
    needs: [WEBKIT_DRIVER, WEBKIT, '/usr/bin/xvfb-run'].map((path) => need(path, webkitPackages)),
    open: webkit,
  },
];

/** The browsers that are there; CI must have them all, elsewhere a missing one is skipped. */
export const browsers: readonly Kind[] = kinds.filter(({ name, needs }) => {
  const absent = needs.filter(({ path }) => !existsSync(path));
  for (const { why, install } of absent) missing({ what: name, why, install });
  return absent.length === 0;
});
