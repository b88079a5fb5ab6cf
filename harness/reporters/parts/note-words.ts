/** The English sentences of the notes beside the numbers. A report in another language passes its own. */

const LOSES =
  "loses commits in a crash of the machine, so commits are faster than in production, above all commits of single rows";

export const NOTE_WORDS = {
  relaxedServer: (risks: string) => `RELAXED DURABILITY: the server ${LOSES}${risks === "" ? "" : ` (${risks})`}.`,
  crashSafety: (risks: string) => `Crash safety: ${risks}. Commits are durable.`,
  relaxedCells: (relaxed: number, all: number) =>
    `RELAXED DURABILITY in ${relaxed} of ${all} cells, marked "relaxed": the server ${LOSES}. bench compares these cells only with each other.`,
  warning: (samples: number, warning: string) => `Warning on ${samples} ${samples === 1 ? "sample" : "samples"}: ${warning}.`,
  crowdedCores: (workers: readonly number[], cores: number) =>
    `${workers.join(" and ")} workers on ${cores} ${cores === 1 ? "core" : "cores"} compete for CPU time. Their times do not show the gain of more cores.`,
  noBaseline: (techniques: string) =>
    `No ratio to a raw driver for ${techniques}: this run has no time of a raw driver with the same technique, key, chunk and workers. A technique that only a library offers, such as a unit of work, has no such ratio.`,
  noDriver: (libraries: string) =>
    `No ratio to its own driver for ${libraries}: this run has no time of that driver with the same technique.`,
  mostlyComplete: (cell: string, complete: number, stopped: number) =>
    `${cell}: its values are those of ${complete} complete samples. A limit stopped ${stopped} more, which took longer.`,
  mostlyStopped: (cell: string, stopped: number, complete: number) =>
    `${cell}: its values are estimates from ${stopped} samples that a limit stopped. ${complete} more were complete in less time.`,
  changingCounts: (cell: string, low: string, high: string) =>
    `${cell} sent ${low} to ${high} statements without a retry: the same work should send the same number.`,
  openStatements: (cell: string, open: string) =>
    `${cell} left ${open} prepared statements open. A longer job fails at the server's max_prepared_stmt_count.`,
  rangeLimits: (cell: string, plans: string) =>
    `${cell}: ${plans} plans exceeded range_optimizer_max_mem_size (warning 3170), and the server scanned in place of a range of the index. Lower --chunk, or raise the variable.`,
  missingTimeline: (title: string, hasStages: boolean) =>
    `No table "${title}": ${hasStages ? "its first stage has no time" : "the options of the run select other cells"}.`,
  verified: (verified: number, measured: number) =>
    `${verified} of ${measured} samples verified: every output row equals the expected row. A sample that fails verification gets no time.`,
  fewRounds: (rounds: number, enough: number) =>
    `${rounds} ${rounds === 1 ? "round" : "rounds"}: an impression, not a verdict. Differences of tens of percent may be noise. An interval needs at least ${enough} rounds.`,
  fewerRounds: (cells: string, rounds: number, all: number) =>
    `${cells}: ${rounds} of ${all} rounds by plan, because ${rounds === 1 ? "a sample takes" : "samples take"} long. The time is an impression without an interval.`,
  noise: (cell: string, difference: string, pairs: number) =>
    `Noise: ${cell} differs from itself by ${difference} from one round to the next (median of ${pairs}). This difference is noise of the machine.`,
  estimates: (mark: string) =>
    `${mark} marks an estimate: a limit stopped the cell, and bench extended its pace to the whole job. bench verified the users that the cell finished.`,
  retries: (retries: number) =>
    `${retries} retries after deadlocks or lock waits, by the same policy for all strategies; the times include their cost.`,
  resumptions: (times: number) =>
    `The run was interrupted and continued ${times === 1 ? "once" : `${times} times`}: hours may lie between rounds.`,
  noEnd: "The records contain no end of the run: samples may be missing.",
  incomplete: (how: string) => `The run was ${how}: samples are missing.`,
};

export type NoteWords = typeof NOTE_WORDS;
