// tsx bench/dependence/page.ts: writes the page anew from the results beside it, without measuring.
import { writeFileSync } from 'node:fs';
import { markdown } from './markdown.ts';
import { committedResults, readmeFile } from './results.ts';

writeFileSync(readmeFile, markdown(committedResults()));
