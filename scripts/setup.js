// npm run setup:all: installs the packages of every folder that has its own, which the tests and benches of these folders need.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders = ['', 'test', 'bench', 'examples', 'examples/perplexity', 'examples/head']
  .flatMap((parent) => readdirSync(root + parent).map((name) => (parent === '' ? name : `${parent}/${name}`)))
  .filter((folder) => existsSync(`${root}${folder}/package-lock.json`))
  .sort();

const failed = folders.filter((folder) => {
  console.log(`npm ci --prefix ${folder}`);
  const args = ['ci', '--prefix', folder, '--no-audit', '--no-fund'];
  return spawnSync('npm', args, { cwd: root, stdio: 'inherit' }).status !== 0;
});
console.log(
  'browsers, curl and gcc are the system’s: apt-get install chromium firefox-esr webkit2gtk-driver xvfb curl gcc libc6-dev',
);
if (failed.length > 0) {
  console.error(`not installed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
