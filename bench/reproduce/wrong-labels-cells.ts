// What wrong-labels.ts measures, for its claims and its figure.

/** A state of a run. */
export interface LabelState {
  readonly step: number;
  /** Shares of the training labels that are told as they stand: of the right ones, and of the flipped ones. */
  readonly right: number;
  readonly wrong: number;
  /** Share of the test images told rightly. */
  readonly test: number;
  /** Scores of the held-out noisy labels: the share told wrong, and the mean of Huber's loss with β = 1/4. */
  readonly heldOut: number;
  readonly huber: number;
  /** Root mean square distance of the components' unit vectors from where they started. */
  readonly distance: number;
}

export interface LabelCell {
  readonly kind: 'labels';
  readonly order: number;
  readonly flips: number;
  readonly seed: number;
  /** Where the score of held-out labels is least. */
  readonly chosen: LabelState;
  /** The same by Huber's score. */
  readonly chosenByHuber: LabelState;
  readonly end: LabelState;
  readonly history: readonly LabelState[];
  readonly seconds: number;
}
