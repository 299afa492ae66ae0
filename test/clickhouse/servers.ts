// Servers of ClickHouse on this machine, each a process: loopback only, as they ask nobody for a password, and with an end in time.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { library } from './chdb.ts';

const HOST = '127.0.0.1';
/** Seconds after which a server ends, whatever became of the tests. */
const LIFE = 240;

/** Compiles the launcher; undefined where there is no compiler. */
export function launcher(folder: string): string | undefined {
  const path = join(folder, 'local');
  try {
    execFileSync('gcc', ['-O1', '-o', path, fileURLToPath(new URL('local.c', import.meta.url)), '-ldl'], {
      stdio: 'pipe',
    });
    return path;
  } catch {
    return undefined;
  }
}

/** What the launcher says of a query. */
export const local = (path: string, query: string): string =>
  execFileSync(path, [`--query=${query}`], { env: { ...process.env, LIBCHDB: library() }, encoding: 'utf8' });

/** So many ports that nobody listens on. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, HOST, () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export interface Server {
  readonly host: string;
  /** User and system time of its process so far, in seconds. */
  cpu(): number;
  /** The rows as JSON has them; throws the server's error. */
  rows(sql: string, settings?: Readonly<Record<string, string | number>>): Promise<any[][]>;
  run(sql: string): Promise<void>;
  stop(): void;
}

export interface Cluster {
  readonly folder: string;
  readonly servers: readonly Server[];
  close(): void;
}

const config = (ports: readonly number[]): string => `<clickhouse>
  <allow_experimental_webassembly_udf>true</allow_experimental_webassembly_udf>
  <webassembly_udf_engine>wasmtime</webassembly_udf_engine>
  <remote_servers>
    <both>
${ports.map((port) => `      <shard><replica><host>${HOST}</host><port>${port}</port></replica></shard>`).join('\n')}
    </both>
  </remote_servers>
</clickhouse>
`;

/** Two shards of a cluster named `both`. */
export async function start(
  path: string,
  folder = mkdtempSync(join(tmpdir(), 'simdloss-cluster-')),
): Promise<Cluster> {
  const [tcpA, tcpB, httpA, httpB] = await freePorts(4);
  const processes: ChildProcess[] = [];
  const close = (): void => {
    for (const one of processes) one.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const servers = [
      [tcpA, httpA],
      [tcpB, httpB],
    ].map(([tcp, http], i) => {
      const own = join(folder, `server${i}`);
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, 'config.xml'), config([tcpA, tcpB]));
      const wait = `SELECT sleepEachRow(1) FROM numbers(${LIFE}) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 3000000 FORMAT TSV`;
      const child = spawn(
        path,
        [
          `--config-file=${join(own, 'config.xml')}`,
          `--path=${join(own, 'data')}`,
          `--listen_host=${HOST}`,
          `--tcp_port=${tcp}`,
          `--http_port=${http}`,
          `--query=SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; ${wait}`,
        ],
        { cwd: own, env: { ...process.env, LIBCHDB: library() }, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      processes.push(child);
      return serverOf(child, `${HOST}:${tcp}`, `http://${HOST}:${http}/`);
    });
    for (const server of servers) await isUp(server);
    return { folder, servers, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function isUp({ rows }: Server): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      await rows('SELECT 1');
      return;
    } catch (cause) {
      if (Date.now() > end) throw new Error('a server did not start', { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function serverOf(child: ChildProcess, host: string, url: string): Server {
  const ask = async (
    sql: string,
    settings: Readonly<Record<string, string | number>> = {},
  ): Promise<string> => {
    const query = new URLSearchParams({
      default_format: 'JSONCompactEachRow',
      wait_end_of_query: '1',
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    });
    const response = await fetch(`${url}?${query}`, {
      method: 'POST',
      body: sql,
      signal: AbortSignal.timeout(100_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  return {
    host,
    cpu: () => cpuOf(child.pid!),
    rows: async (sql, settings) =>
      (await ask(sql, settings))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    run: async (sql) => void (await ask(sql)),
    stop: () => void child.kill('SIGKILL'),
  };
}

/** From /proc, where clocks tick a hundred times a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
