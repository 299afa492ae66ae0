import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { headers, policy } from './headers.ts';
import { documents } from './plugins/documents.ts';
import { published } from './plugins/published.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root,
  // relative, so that the files work below any path
  base: './',
  plugins: [
    published(),
    documents(),
    {
      name: 'policy',
      apply: 'build',
      transformIndexHtml: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
          injectTo: 'head-prepend',
        },
      ],
    },
  ],
  worker: { format: 'es', plugins: () => [published()] },
  build: {
    target: 'es2022',
    // data: URLs are not in the policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
  },
  preview: { headers },
});
