// Files: `import { readNpy, writeNpy } from 'polyadic/io'`. Bytes and plain objects in and out; opening files is src/node.
export { npyToDense, readNpy, writeNpy } from './npy.js';
export type { NpyArray } from './npy.js';
export { npzNames, readNpz } from './npz.js';
export type { NpyData, NpyDtype } from './npy-dtype.js';
export { arrivalsToCsv, historyToCsv, historyToJson } from './history.js';
export type { DeflationColumns, HistoryJson } from './history.js';
export { kruskalFromJson, kruskalToJson } from './json.js';
export type { KruskalJson, SymmetricKruskalJson } from './json.js';
