// tsx bench/cold/page.ts: writes bench/results/cold.md anew from cold.json, without measuring.
import { writeFileSync } from 'node:fs';
import { markdown } from './markdown.ts';
import { committedFile, pageFile, readResults } from './results.ts';

writeFileSync(pageFile, markdown(readResults(committedFile)));
