// Plays one sound at a time. The audio of the browser is opened by the first press, not before: browsers ask for that, and a page that
// nobody listens to needs none.

/** Root mean square of what is played, and the largest value it may have: no sound is much louder than another, none is cut off. */
const loudness = 0.12;
const peak = 0.9;
/** Seconds in which a sound fades in and out, so that it does not click. */
const fade = 0.02;

export class Player {
  #context: AudioContext | undefined;
  #stop: (() => void) | undefined;

  /** Ends what is playing first. `ended` is called once, whoever ends it. */
  play(data: Float32Array, rate: number, ended: () => void): void {
    this.stop();
    this.#context ??= new AudioContext();
    const context = this.#context;
    void context.resume();
    const buffer = context.createBuffer(1, data.length, rate);
    buffer.copyToChannel(audible(data, Math.round(fade * rate)), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      this.#stop = undefined;
      ended();
    };
    source.addEventListener('ended', end);
    this.#stop = () => {
      source.stop();
      end();
    };
    source.start();
  }

  stop(): void {
    this.#stop?.();
  }

  /** Lets go of the audio of the browser. */
  close(): void {
    this.stop();
    void this.#context?.close();
    this.#context = undefined;
  }
}

function audible(data: Float32Array, fading: number): Float32Array<ArrayBuffer> {
  const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = Math.min(loudness / Math.sqrt(square), peak / largest);
  return Float32Array.from(data, (value, t) => scale * value * Math.min(1, t / fading, (data.length - 1 - t) / fading));
}
