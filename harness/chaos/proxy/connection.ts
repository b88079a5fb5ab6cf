/** One connection of a member through its proxy. */
import { connect, type Socket } from "node:net";
import { clockMs } from "../../../lib/clock.ts";
import { nodeAddress, type ConnectionTarget } from "../../../lib/target.ts";
import { CommandReader, refusalPacket, rewritten } from "./commands.ts";
import type { Held, HeldAnswer } from "./held.ts";
import { isRoundAfter, type Statement } from "./points.ts";

type OnAnswer = "forward" | "lose" | ((bytes: Buffer) => void);

export interface ProxiedParts {
  readonly client: Socket;
  readonly target: ConnectionTarget;
  /** what happens to a statement before the server receives it */
  readonly decide: (statement: Statement) => "pass" | "cut" | ((held: Held) => void);
  /** Changes the text of a statement before the server receives it. */
  readonly rewrite: (sql: string) => string;
  /** after a round has released its users */
  readonly onHold: (hold: Hold) => void;
  readonly onEnd: () => void;
}

/** The time in which the transaction of a round held the locks of its users. */
export interface Hold {
  readonly fromMs: number;
  readonly toMs: number;
  /** false: rolled back, or the connection ended */
  readonly isCommitted: boolean;
}

export class ProxiedConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #decide: ProxiedParts["decide"];
  readonly #rewrite: ProxiedParts["rewrite"];
  readonly #commands = new CommandReader();
  readonly #ended = Promise.withResolvers<null>();
  readonly #onHold: ProxiedParts["onHold"];
  /** null: the transaction is not one of a round that has locked its users */
  #roundSinceMs: number | null = null;
  #onAnswer: OnAnswer = "forward";
  /** from the client while its statement is held; null: nothing is held */
  #later: Buffer[] | null = null;
  #hasEnded = false;

  constructor({ client, target, decide, rewrite, onHold, onEnd }: ProxiedParts) {
    this.#client = client.setNoDelay(true);
    this.#upstream = connect(nodeAddress(target)).setNoDelay(true);
    this.#decide = decide;
    this.#rewrite = rewrite;
    this.#onHold = onHold;
    for (const socket of [this.#client, this.#upstream])
      socket
        .on("error", () => this.end())
        .on("close", () => {
          this.end();
          onEnd();
        });
    // A paused socket would not show its end, and a fault would pass the statement of a client that has given it up.
    this.#client.on("data", (bytes: Buffer) => this.#received(bytes));
    this.#upstream.on("data", (bytes: Buffer) => this.#answered(bytes));
  }

  /** The server rolls back the open transaction, as after the death of the client. */
  end(): void {
    this.#hasEnded = true;
    this.#release(false);
    this.#client.destroy();
    this.#upstream.destroy();
    this.#ended.resolve(null);
  }

  #answered(bytes: Buffer): void {
    this.#commands.answered(bytes);
    if (this.#onAnswer === "lose") this.end();
    else if (this.#onAnswer === "forward") this.#client.write(bytes);
    else this.#onAnswer(bytes);
  }

  #received(bytes: Buffer): void {
    if (this.#later === null) this.#sent(bytes);
    else this.#later.push(bytes);
  }

  #sent(bytes: Buffer): void {
    const sql = this.#commands.sent(bytes);
    const pass = (): void => {
      if (this.#hasEnded) return;
      if (sql !== null) this.#follow(sql);
      this.#upstream.write(rewritten(bytes, this.#rewrite));
    };
    const decision = sql === null ? "pass" : this.#decide({ sql, isRound: this.#roundSinceMs !== null });
    if (decision === "pass") pass();
    else if (decision === "cut") this.end();
    else this.#hold(pass, decision);
  }

  #follow(sql: string): void {
    const isRound = isRoundAfter({ sql, isRound: this.#roundSinceMs !== null });
    if (isRound) this.#roundSinceMs ??= clockMs();
    else this.#release(sql.endsWith("COMMIT"));
  }

  #release(isCommitted: boolean): void {
    if (this.#roundSinceMs !== null) this.#onHold({ fromMs: this.#roundSinceMs, toMs: clockMs(), isCommitted });
    this.#roundSinceMs = null;
  }

  #resume(): void {
    const later = this.#later ?? [];
    this.#later = null;
    for (const bytes of later) this.#received(bytes);
  }

  #hold(forward: () => void, onHeld: (held: Held) => void): void {
    this.#later = [];
    const isAlive = (): boolean => !this.#hasEnded;
    const pass = (): void => {
      forward();
      this.#resume();
    };
    onHeld({
      get isAlive() {
        return isAlive();
      },
      pass,
      loseAnswer: () => {
        this.#onAnswer = "lose";
        pass();
      },
      passAndHoldAnswer: () => this.#holdAnswer(forward),
      cut: () => this.end(),
      refuse: (refusal) => {
        this.#client.write(refusalPacket(refusal));
        this.#resume();
      },
      rollBack: (refusal) => {
        this.#release(false);
        this.#onAnswer = () => {
          this.#onAnswer = "forward";
          this.#client.write(refusalPacket(refusal));
          this.#resume();
        };
        this.#upstream.write(this.#commands.packet("ROLLBACK"));
      },
    });
  }

  #holdAnswer(forward: () => void): Promise<HeldAnswer | null> {
    const { promise, resolve } = Promise.withResolvers<HeldAnswer>();
    const parts: Buffer[] = [];
    const isAlive = (): boolean => !this.#hasEnded;
    this.#onAnswer = (bytes) => {
      parts.push(bytes);
      resolve({
        get isAlive() {
          return isAlive();
        },
        deliver: () => {
          this.#onAnswer = "forward";
          this.#client.write(Buffer.concat(parts));
          this.#resume();
        },
        cut: () => this.end(),
      });
    };
    forward();
    return Promise.race([promise, this.#ended.promise]);
  }
}
