/**
 * The only list of the banned phrases of this project, each with a replacement. CONTRIBUTING.md gives the rules behind the list.
 * `npm run lint:words` checks all text against it.
 */
export interface BannedPhrase {
  /** case-insensitive */
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Names in published files and of earlier versions: the code that writes or reads them has to contain them. */
export const FIXED_NAMES: readonly string[] = [
  "settleMs",
  "judged",
  "askedMs",
  "usersPutOff",
  "ownWay",
  "harness/settle.ts",
  "batch_to_alone",
];

export const BANNED_PHRASES: readonly BannedPhrase[] = [
  // no actor, or an actor without a name
  { pattern: /\bwho(m)?ever\b/, instead: "name the actor by its code name" },
  { pattern: /\b(of|with|by) ours\b/, instead: "that `bench` started, or created" },
  { pattern: /\b(of|by) (its|their|your|my|his) own\b/, instead: "its own X, separate" },
  {
    pattern: /\bin (its|their|somebody else's) (own )?words\b/,
    instead: "in the idiom of the library, with the server's message",
  },
  // verbs of people for code
  { pattern: /\b(tell|tells|told|telling)\b/, instead: "reports, states, names, distinguishes" },
  { pattern: /\b(hear|hears|heard)\b/, instead: "receives" },
  { pattern: /\b(knows|knew)\b/, instead: "has, stores, depends on, finds" },
  { pattern: /\b(asks|asking|asked)\b/, instead: "requests, requires, prompts" },
  { pattern: /\bwants\b/, instead: "requires" },
  // words that have a term in the field
  { pattern: /\bby hand\b/, instead: "hand-written, manual" },
  { pattern: /\btime-outs?\b/, instead: "timeout" },
  { pattern: /\broll-backs?\b/, instead: "rollback" },
  { pattern: /\bown ways?\b/, instead: "native variant" },
  { pattern: /(?<!\bnoise[ -])(?<!Math\.)\bfloors?\b(?!\()/, instead: "baseline" },
  { pattern: /\bcrews?\b/, instead: "worker pool" },
  { pattern: /\bjudge[sd]?\b|\bjudging\b/, instead: "verdict, evaluate, decide" },
  { pattern: /\bwhys\b/, instead: "reasons" },
  { pattern: /\bstand-ins?\b/, instead: "fake, placeholder" },
  { pattern: /\bbad days?\b/, instead: "failures" },
  { pattern: /\bserver (has )?settle[sd]?\b|\bsettle[sd]? server\b/, instead: "quiesce, quiet server" },
  {
    pattern: /(?<!\ball |\bpromises?\b.{0,20})\b(settle[sd]?|settling)\b/,
    instead: "resolve for a promise; wait, outcome, final answer",
  },
  { pattern: /\b(put|puts|putting) off\b/, instead: "deferred" },
  { pattern: /\b(take|takes|taken|took) up again\b/, instead: "resume" },
  { pattern: /\blets? go of\b/, instead: "releases, commits" },
  { pattern: /\bthe before\b/, instead: "the first version" },
  { pattern: /\bheld to\b/, instead: "checked against, the contract tests it" },
  { pattern: /\bmend(s|ed|ing)?\b/, instead: "fix" },
  // words that have a plainer word
  { pattern: /\banew\b|\bafresh\b/, instead: "again" },
  { pattern: /\bmeanwhile\b/, instead: "during the sample, at the same time" },
  { pattern: /(?<!-)\balone\b/, instead: "only, without" },
  { pattern: /\b(go|goes|going|went) on\b/, instead: "continue" },
  { pattern: /\bbelieve[sd]?\b/, instead: "use: the optimiser uses statistics" },
  { pattern: /\bwithout a word\b/, instead: "without a packet, and sends nothing" },
  { pattern: /\bin plain words\b/, instead: "lists, states" },
  { pattern: /\bsays? so\b/, instead: "reports X, with its noun" },
  { pattern: /\brid of\b/, instead: "remove" },
  { pattern: /\band the like\b/, instead: "name the things" },
];
