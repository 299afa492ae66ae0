// The background of an extension: a service worker in Chromium, a page without a window in Firefox.
import { see } from './see.js';

const { runtime, tabs } = /** @type {any} */ (globalThis).chrome;

see('background').then(() => {
  for (const page of ['page.html', 'left/page.html']) tabs.create({ url: runtime.getURL(page) });
});
