// The script of a worker from the sources: Node reads no TypeScript by itself. Tests and benchmarks run it; the package has it built.
import { register } from 'tsx/esm/api';

register();
await import('../worker/script.js');
