import { readFileSync } from 'node:fs';

/** src/evaluate/generated/version.ts: states say which version made them. */
export const versionSource = (): string => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return `// Generated from package.json by \`npm run generate\`; do not edit.
export const VERSION = '${version}';
`;
};
