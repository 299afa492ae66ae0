// npm run build:site: the page as static files in site/dist. They work below any path, with and without isolation.
import { fileURLToPath } from 'node:url';
import { requireInstalled } from './installed.ts';

requireInstalled();
const { build } = await import('vite');
await build({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)) });
