// The system's browsers: opening a page in each, and reading the title that the page leaves.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Browser {
  /** Opens the address and waits for a title that is JSON. */
  see(url: string): Promise<any>;
  close(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  /** What must exist for it. */
  readonly needs: readonly string[];
  readonly open: () => Promise<Browser>;
}

const TIMEOUT_MS = 90_000;
const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';
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
    close: () => browser.close(),
  };
}

/** WebKitGTK's MiniBrowser by plain WebDriver, on a display of its own. */
async function webkit(): Promise<Browser> {
  const port = 4700 + (process.pid % 500);
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

const chromiumFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const needsDriver = decodeURIComponent(driver.pathname);

const kinds: readonly Kind[] = [
  {
    name: 'Chromium',
    needs: [CHROMIUM, needsDriver],
    open: () => playwright('chromium', { executablePath: CHROMIUM, args: chromiumFlags }),
  },
  {
    name: 'Firefox',
    needs: [FIREFOX, needsDriver],
    open: () => playwright('firefox', { executablePath: FIREFOX, channel: 'moz-firefox' }),
  },
  { name: 'WebKit', needs: [WEBKIT_DRIVER, WEBKIT, '/usr/bin/xvfb-run'], open: webkit },
];

/** The browsers that are there; CI must have them all, elsewhere a missing one is skipped, loudly. */
export const browsers: readonly Kind[] = kinds.filter(({ name, needs }) => {
  const missing = needs.filter((path) => !existsSync(path));
  if (missing.length === 0) return true;
  const hint = 'apt-get install chromium firefox-esr webkit2gtk-driver xvfb; npm ci --prefix test/browsers';
  if (process.env.CI === 'true') throw new Error(`${name} is missing: ${hint}`);
  console.warn(`\n*** SKIPPED: ${name} is missing (${hint}) ***\n`);
  return false;
});
