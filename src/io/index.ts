// Files: `import { readNpy, writeNpy } from 'polyadic/io'`. Bytes and plain objects in and out; opening files is src/node.
export { readNpy, writeNpy } from './npy.js';
export type { NpyArray } from './npy.js';
export { npyToDense, npyToObserved, type NpyCells } from './npy-targets.js';
export type { Coordinates } from './coordinate-list.js';
export { readTns, writeTns, type TnsOptions } from './tns.js';
export { readCsv, type CsvOptions } from './csv.js';
export { encodings, type Encoding } from './encoding.js';
export type { Text } from './lines.js';
export type { DecimalMark } from './coordinate-list.js';
export type { ColumnChoice, CsvCoordinates } from './csv-columns.js';
export { readPng, writePng, type Picture } from './png.js';
export { distinctCells, emptySlices, type Cells, type EmptySlices } from '../tensor/coverage.js';
export { npzNames, readNpz } from './npz.js';
export type { NpyData, NpyDtype } from './npy-dtype.js';
export { arrivalsToCsv, historyToCsv, historyToJson } from './history.js';
export type { DeflationColumns, HistoryJson } from './history.js';
export { kruskalFromJson, kruskalToJson } from './json.js';
export type { KruskalJson, SymmetricKruskalJson } from './json.js';
