// Pulls from a run until it is over, for views that do not play: once per animation frame, so never from a hidden page.
import type { Run } from './engine.js';

/** How long the worker may go on for one answer: the page stays at its frame rate, and shows progress often enough. */
const milliseconds = 30;
const maxReports = 1000;

/** Until the run is over, or the function that is returned is called. */
export function keepPulling(run: Run): () => void {
  let stopped = false;
  const onFrame = (): void => {
    if (stopped || run.over) return;
    run.pull({ count: maxReports, milliseconds });
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  return () => (stopped = true);
}
