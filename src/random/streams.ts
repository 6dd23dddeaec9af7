// Who draws from which streams of a seed, so that a problem and a run with the same seed share no random number.

/** Start number s of a run: stream startStreams + s. */
export const startStreams = 0;

/** Which observations are held out, and in which order the others come. */
export const splitStream = 2 ** 30;
export const minibatchStream = 2 ** 30 + 1;

/** What checks a finished model: streams from here on, a handful. */
export const checkStreams = 2 ** 30 + 16;

/** Planted problems: their parts draw from the streams from here on. */
export const problemStreams = 2 ** 31;

/** Where a new component of a growing model starts. */
export const growthStream = 2 ** 30 + 3;

/** Random starts of fits under constraints. */
export const constrainedStream = 2 ** 30 + 4;

/** Which values a completion begins with, where they are plentiful. */
export const partStream = 2 ** 30 + 6;

/** What is drawn for missing cells, and from the next one, which values test what fills them. */
export const fillStream = 2 ** 30 + 7;

/** Which slices go to which half of a tensor. */
export const halvesStream = 2 ** 30 + 9;

/** What a second search begins with, to confirm the first. */
export const confirmationStream = 2 ** 30 + 5;

/** Added to the stream of a search: its wide fits by least squares. */
export const wideFitStreams = 32;

/** Noise of a sampler's steps, one stream per array of factors; draws of precisions, of the components and of the noise. */
export const samplingStreams = 2 ** 30 + 64;
export const gibbsStreams = 2 ** 30 + 48;
