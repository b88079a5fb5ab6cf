/**
 * Disturbs the instances in the middle of a batch. Each file in this folder that exports `disturbance` is one kind, and one
 * option of `bench api run`.
 */

/** A planned disturbance. Plain data. */
export interface DisturbanceChoice {
  /** the id of a file in this folder */
  readonly kind: string;
  /** when this fraction of the users is written */
  readonly at: number;
  /** the number of instances afterwards; null for kinds that keep it */
  readonly to: number | null;
}

/** The instances of a scenario, by their position. */
export interface Instances {
  readonly count: number;
  /** ends the process without a chance to answer or to leave */
  kill(index: number): Promise<void>;
  /** stops the process; it continues after the batch */
  pause(index: number): void;
  /** continues paused processes */
  resume(): void;
  /** starts or ends instances until so many run, and routes requests to them */
  scale(to: number): Promise<void>;
}

/** The rounds of the instances, as the server sees them. */
export interface Rounds {
  /** The round of the instance holds rows of users at this moment. null: the account may not see the locks. */
  holdsUsers(index: number): Promise<boolean | null>;
}

export interface Disturbance {
  readonly id: string;
  /** one line for --help */
  readonly summary: string;
  /** true: the option takes `50%:4`, with the number of instances afterwards */
  readonly changesCount: boolean;
  /** with fewer instances the batch would not end */
  readonly minInstances: number;
  /** `one killed at 50 %` */
  describe(choice: DisturbanceChoice): string;
  /** @returns the position of an instance whose partition other members must write; null: each instance writes its own */
  apply(instances: Instances, choice: DisturbanceChoice, rounds: Rounds): Promise<number | null>;
}
