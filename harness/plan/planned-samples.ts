/** The number of samples that a plan has. A cell of many minutes has fewer than the short cells beside it. */

interface Limited {
  /** null: one sample per round */
  readonly maxRounds: number | null;
}

export const roundsOfCell = ({ maxRounds }: Limited, rounds: number): number => Math.min(rounds, maxRounds ?? rounds);

export const plannedSamples = (cells: readonly Limited[], rounds: number): number =>
  cells.reduce((sum, cell) => sum + roundsOfCell(cell, rounds), 0);
