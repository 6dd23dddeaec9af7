// Lets the worker hear what the page says while it computes: without a turn of the event loop no message arrives.

/** Milliseconds between two turns. */
const deafness = 20;
let last = performance.now();

/** To be awaited now and then; it waits only when it is time to. */
export async function listen(): Promise<void> {
  if (performance.now() - last < deafness) return;
  // A message comes back at once, a timer after 4 ms.
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  port1.close();
  last = performance.now();
}
