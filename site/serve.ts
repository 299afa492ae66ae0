// npm run site [-- --port 4173] [-- --host 0.0.0.0]: builds the page and serves it, isolated and under its strict policy.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireInstalled } from './installed.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '4173' }, host: { type: 'string', default: '127.0.0.1' } },
});
requireInstalled();
const { build, preview } = await import('vite');
const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url));
await build({ configFile, logLevel: 'warn' });
const server = await preview({ configFile, preview: { host: values.host, port: Number(values.port) } });
server.printUrls();
