// One-off tuning: times the residual contraction of a small slice with every tile that the adapter may be fastest with,
// and tells which was. The caller keeps the answer as JSON and hands it to openBackend; nothing is tuned unless asked for.
// At most a second on a GPU; a software adapter has few candidates, because compiling a shared-memory tile takes it seconds.
import type { Backend } from '../backend.js';
import { openDevice } from './device.js';
import { openWebGpu } from './index.js';
import { defaultTileConfig, type TileConfig, type Tuning } from './tiles.js';

/** A slice large enough to fill a GPU and small enough for a software adapter: 0.13 GFLOP. */
const slice = { order: 3, batch: 1, rows: 512, columns: 1024, dim: 64 };
const rounds = 3;

/**
 * Measures which tiles the adapter is fastest with; on the caller's device if one is given.
 * @throws BackendError when there is no adapter.
 */
export async function tune({ device: borrowedDevice }: { readonly device?: GPUDevice } = {}): Promise<Tuning> {
  const { device, adapter, borrowed, gpu } = await openDevice(borrowedDevice);
  try {
    const name = [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ');
    const measured: { tiles: TileConfig; milliseconds: number }[] = [];
    for (const tiles of candidates(adapter.software, device.features.has('subgroups'))) {
      using backend = await openWebGpu(device, { adapter: name, tiles, measured: [] });
      measured.push({ tiles, milliseconds: await timeSlice(backend) });
    }
    const best = measured.reduce((fastest, next) => (next.milliseconds < fastest.milliseconds ? next : fastest));
    return { adapter: name, tiles: best.tiles, measured };
  } finally {
    // The GPU object must outlive its device: see OpenDevice.
    if (!borrowed && gpu) device.destroy();
  }
}

function candidates(software: boolean, subgroups: boolean): TileConfig[] {
  const usual = defaultTileConfig(software, subgroups);
  if (software) return ([4, 8] as const).map((maxRows) => ({ ...usual, maxRows }));
  const registers = ([32, 64] as const).flatMap((lanes) =>
    ([1, 2, 4] as const).map((maxRows): TileConfig => ({ ...usual, lanes, maxRows, shared: 'none' })),
  );
  return [...([64, 32] as const).map((shared): TileConfig => ({ ...usual, shared })), ...registers];
}

/** Median milliseconds of the slice, the compilation not counted. */
async function timeSlice(backend: Backend): Promise<number> {
  using scope = backend.scope('tune');
  const { rows, columns, dim } = slice;
  const arrays = {
    queries: scope.array('queries', new Float32Array(rows * dim).fill(0.1)),
    vectors: scope.array('vectors', new Float32Array(columns * dim).fill(0.1)),
    weights: scope.array('weights', new Float32Array(columns).fill(1)),
    contraction: scope.array('contraction', rows * dim),
    strengths: scope.array('strengths', rows),
  };
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    scope.contractFactored({ ...slice, ...arrays, queryStride: rows * dim });
    await scope.flush();
    if (round > 0) times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
