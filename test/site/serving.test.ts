// The built page: what it is made of, and the ways that it may be served.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headers, policy } from '../../site/headers.ts';
import { type Browser, browsers } from '../browsers/browsers.ts';
import { rowDescriptors as descriptors } from '../rows/names.ts';
import { codeOf } from '../supply/code.ts';
import { chooseBench, result, status } from './benchRun.ts';
import { buildable } from './built.ts';
import { checkCurves, F } from './expected.ts';
import { open, servedSite, TIMEOUT, until } from './visit.ts';

const site = servedSite();
const url = (): string => site().url;
afterAll(() => F.dispose());

const root = new URL('../../', import.meta.url);
/** The texts of the whole modules inside the package; parts have chunks, too. */
const published = new URL('dist/chunks/', root);
const moduleTexts = readdirSync(published)
  .filter((name) => /^(inline|relaxed)\.js$/.test(name))
  .flatMap((name) => codeOf(new URL(name, published)).match(/[A-Za-z0-9+/=]{9000,}/g) ?? []);

describe.skipIf(!buildable)('the built page', () => {
  const files = () =>
    new Map(
      readdirSync(site().folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => extname(name) !== '')
        .map((name) => [name, codeOf(join(site().folder, name))] as const),
    );

  it('is made of the published modules', () => {
    const scripts = [...files()].filter(([name]) => name.endsWith('.js')).map(([, text]) => text);
    // deterministic and relaxed
    expect(moduleTexts.length).toBe(2);
    for (const text of moduleTexts) expect(scripts.some((script) => script.includes(text))).toBe(true);
  });

  it('has its policy in it, and nothing that the policy forbids', () => {
    const html = files().get('index.html')!;
    expect(html.replaceAll('&#39;', "'")).toContain(
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    );
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const [, attributes, text] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      expect(attributes).toContain('src=');
      expect(text).toBe('');
    }
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toMatch(/'unsafe-(inline|eval)'|https?:|\*/);
  });

  it('refers to its files relatively, and to no other place', () => {
    const html = files().get('index.html')!;
    const links = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(link).toMatch(/^\.\/[\w./-]+$/);
    for (const link of links) expect([...files().keys()]).toContain(link.slice(2));
  });

  it('is typed', () => {
    const { status, stdout } = spawnSync('npx', ['tsc', '-p', 'site', '--noEmit'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
  });
});

it.skipIf(!buildable)(
  'npm run site serves it isolated, under its policy',
  async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'site/serve.ts', '--port', '0'], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let said = '';
        child.stdout.on('data', (text) => {
          said += text;
          const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
          if (found !== null) resolve(found[0]);
        });
        child.on('exit', () => reject(new Error(`it ended: ${said}`)));
      });
      const page = await fetch(address);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<h2 id="bench-title">');
      const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await (await fetch(address)).text())![1];
      for (const response of [page, await fetch(address + script)])
        for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
    } finally {
      child.kill();
    }
  },
  TIMEOUT,
);

it('says loudly what is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-missing-'));
  try {
    cpSync(new URL('site/installed.ts', root), join(folder, 'installed.ts'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(folder, 'run.ts'),
      "import { requireInstalled } from './installed.ts';\nrequireInstalled();\n",
    );
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(folder, 'run.ts')],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('npm ci --prefix site');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.skipIf(!buildable).each(browsers)('$name', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await kind.open();
  }, TIMEOUT);
  afterAll(() => browser?.close());

  // Firefox's driver never answers for a page that is a file
  it.skipIf(kind.name === 'Firefox')('from disk it says that it needs a server', async () => {
    const page = await browser.visit(pathToFileURL(join(site().folder, 'index.html')).href);
    const seen = () =>
      page.run(() => {
        const notice = document.querySelector<HTMLElement>('#unserved');
        return notice !== null && getComputedStyle(notice).opacity === '1' && notice.textContent;
      });
    expect(await until(seen, 'the notice is in sight')).toContain('needs a server');
    await page.close();
  });

  it('below some path of a server without headers it works with one thread, and says so', async () => {
    const page = await open(browser, `${url()}/some/where/plain/#loss-bce`);
    expect(await page.run(() => crossOriginIsolated)).toBe(false);
    await checkCurves(page, descriptors.find((d) => d.name === 'bce')!);
    const threads = await page.run(() => {
      const box = document.querySelector<HTMLInputElement>('[name=variant][value=threads]')!;
      return { disabled: box.disabled, why: box.closest('fieldset')?.textContent ?? '' };
    });
    expect(threads.disabled).toBe(true);
    expect(threads.why).toContain('isolated pages only');
    await chooseBench(page, ['mse'], 'brief', ['relaxed']);
    await page.click('#bench [type=submit]');
    await until(async () => ['done', 'failed'].includes(await status(page)), 'the bench finishes');
    expect(await status(page)).toBe('done');
    expect((await result(page)).environment.isolated).toBe(false);
    // the policy is in the page, too
    const forbidden = await page.run(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
          document.head.append(
            Object.assign(document.createElement('script'), { textContent: 'window.broken = 1' }),
          );
        }),
    );
    expect(forbidden).toMatch(/^script-src/);
  });
});
