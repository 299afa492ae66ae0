import { spawnSync } from 'node:child_process';

/** What the type check of src/ has against a copy of the repository; nothing where it passes. */
export function typeErrors(folder: string): string {
  const args = ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json', '--noEmit'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr || `status ${status}`;
}
