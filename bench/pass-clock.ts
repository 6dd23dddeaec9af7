// The time that compute passes took on the device itself, by timestamp queries: free of sending and waiting. Its numbers
// are exact to 0.1 ms in a browser, so samples must be long.

export interface PassClock {
  /** For one pass more; undefined when there are too many. */
  writes(): GPUComputePassTimestampWrites | undefined;
  /** Sum over the passes since the last reading; undefined when there were none, or too many. */
  read(): Promise<number | undefined>;
}

const usage = { mapRead: 0x01, copySource: 0x04, copyTarget: 0x08, queryResolve: 0x200 } as const;
const mapModeRead = 0x01;
/** Passes between two readings; WebGPU allows query sets of 4096. */
const maxPasses = 2048;

/** Undefined on a device without timestamp queries. */
export function passClock(device: GPUDevice): PassClock | undefined {
  if (!device.features.has('timestamp-query')) return undefined;
  const createEncoder = device.createCommandEncoder.bind(device);
  const querySet = device.createQuerySet({ label: 'bench passes', type: 'timestamp', count: 2 * maxPasses });
  const size = 16 * maxPasses;
  const resolved = device.createBuffer({ label: 'bench passes', size, usage: usage.queryResolve | usage.copySource });
  const staging = device.createBuffer({ label: 'bench passes', size, usage: usage.mapRead | usage.copyTarget });
  let count = 0;
  return {
    writes() {
      if (count >= maxPasses) return undefined;
      const index = 2 * count++;
      return { querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 };
    },
    async read() {
      const passes = count;
      count = 0;
      if (passes === 0 || passes >= maxPasses) return undefined;
      const encoder = createEncoder();
      encoder.resolveQuerySet(querySet, 0, 2 * passes, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16 * passes);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(mapModeRead, 0, 16 * passes);
      const times = new BigInt64Array(staging.getMappedRange(0, 16 * passes).slice(0));
      staging.unmap();
      let nanoseconds = 0n;
      for (let p = 0; p < passes; p++) nanoseconds += (times[2 * p + 1] as bigint) - (times[2 * p] as bigint);
      return Number(nanoseconds) / 1e9;
    },
  };
}
