// Cold starts in Node: a process each. CPU time is the process's own at the end of the program, wall time that from its
// start to its end as seen from here.
import { execFileSync, spawn } from 'node:child_process';
import { createProject, type Form } from './project.ts';
import type { Platform } from './results.ts';
import { checkValue, compareStarts, type Sample } from './rounds.ts';

/** Without `import`, which takes 5 ms for node:fs: it looks at every export. */
const builtin = (name: string): string => `process.getBuiltinModule('node:${name}')`;

const given = ({ entry }: Form): string =>
  entry === 'simdloss/core'
    ? `${builtin('fs')}.readFileSync('node_modules/simdloss/dist/simdloss.wasm')`
    : 'undefined';

const tell = (what: string): string => `${builtin('fs')}.writeSync(1, JSON.stringify(${what}));`;
const total = `const { user, system } = process.cpuUsage();\n`;

const programs = {
  empty: () => `${total}${tell('{ cpu: user + system, value: Math.log(3) }')}`,
  whole: (form: Form) => `import { load } from '${form.specifier}';
import { call } from './timeline.js';
const module = ${given(form)};
const value = call(await load(module && { module }));
${total}${tell('{ cpu: user + system, value }')}`,
  parts: (form: Form) => `import { timeline } from './timeline.js';
const module = ${given(form)};
const seen = await timeline(() => import('${form.specifier}'), module && (() => module));
${tell('seen')}`,
};

export async function measureNode(node: string, rounds: number): Promise<Platform> {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);
  const project = await createProject('node');
  let count = 0;
  const program = (source: string) => {
    const file = project.write(`program-${++count}.mjs`, source);
    return async () => {
      const seen = await run(node, file, project.folder);
      checkValue(source, seen.stdout.value);
      return seen;
    };
  };
  const whole = (source: string): (() => Promise<Sample>) => {
    const start = program(source);
    return async () => {
      const { stdout, wall } = await start();
      return { CPU: stdout.cpu / 1000, wall };
    };
  };
  try {
    const empty = whole(programs.empty());
    const measured = await compareStarts(
      rounds,
      async () => ({ figures: await empty() }),
      project.forms.map((form) => {
        const start = whole(programs.whole(form));
        const parts = program(programs.parts(form));
        return {
          ...form,
          start: async () => ({ figures: await start(), parts: (await parts()).stdout.parts as Sample }),
        };
      }),
    );
    return { name: 'Node', version, ...measured };
  } finally {
    project.remove();
  }
}

function run(node: string, file: string, cwd: string): Promise<{ stdout: any; wall: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // what is set for this process is not for those
    const { NODE_OPTIONS, NODE_COMPILE_CACHE, ...env } = process.env;
    const child = spawn(node, [file], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('error', reject);
    let wall = 0;
    child.on('exit', () => {
      wall = performance.now() - start;
    });
    child.on('close', (code) => {
      if (code === 0) resolve({ stdout: JSON.parse(stdout), wall });
      else reject(new Error(`${file} ended with ${code}`));
    });
  });
}
