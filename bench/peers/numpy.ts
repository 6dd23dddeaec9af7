// The Python process behind the NumPy peer: one line of JSON in, one out. Absent where python3 has no NumPy.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NumpyRequest } from './numpy-client.js';

const script = fileURLToPath(new URL('./observed_numpy.py', import.meta.url));
/** One thread, whatever library NumPy was built with. */
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

export interface NumpyPeer extends AsyncDisposable {
  readonly versions: Readonly<Record<string, string>>;
  time(request: NumpyRequest): Promise<number | undefined>;
}

export function numpyPeer(): NumpyPeer {
  const probe = spawnSync('python3', ['-c', 'import numpy; print(numpy.__version__)'], { encoding: 'utf8' });
  const absent = {
    versions: {},
    time: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  if (probe.status !== 0) return absent;
  let child: ChildProcess | undefined;
  let answers: AsyncIterator<string> | undefined;
  const start = (): void => {
    child = spawn('python3', [script], { env: { ...process.env, ...oneThread }, stdio: ['pipe', 'pipe', 'inherit'] });
    if (child.stdout) answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  };
  return {
    versions: { numpy: probe.stdout.trim() },
    async time(request) {
      if (!child) start();
      child?.stdin?.write(`${JSON.stringify(request)}\n`);
      const answer = await answers?.next();
      if (!answer || answer.done) throw new Error('bench: the NumPy peer ended. See what it printed above.');
      return (JSON.parse(answer.value) as { seconds: number }).seconds;
    },
    [Symbol.asyncDispose]: () => {
      child?.kill();
      return Promise.resolve();
    },
  };
}
