// Lets messages of the page reach the worker while it computes: they arrive only when the event loop turns.

const pollIntervalMs = 20;
let last = performance.now();

/** To be awaited between pieces of work; it waits only when the interval has passed. */
export async function yieldToPage(): Promise<void> {
  if (performance.now() - last < pollIntervalMs) return;
  // A message comes back at once, a timer after 4 ms.
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  port1.close();
  last = performance.now();
}
