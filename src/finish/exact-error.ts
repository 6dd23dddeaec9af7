/** A relative error that counts as zero. */
export const exactError = 1e-11;
