/** One connection of a member through its proxy. */
import { connect, type Socket } from "node:net";
import { nodeAddress, type ConnectionTarget } from "../../../lib/target.ts";
import { CommandReader, queryPacket, refusalPacket, rewritten } from "./commands.ts";
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
  readonly onEnd: () => void;
}

export class ProxiedConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #decide: ProxiedParts["decide"];
  readonly #rewrite: ProxiedParts["rewrite"];
  readonly #commands = new CommandReader();
  readonly #ended = Promise.withResolvers<null>();
  #isRound = false;
  #onAnswer: OnAnswer = "forward";

  constructor({ client, target, decide, rewrite, onEnd }: ProxiedParts) {
    this.#client = client.setNoDelay(true);
    this.#upstream = connect(nodeAddress(target)).setNoDelay(true);
    this.#decide = decide;
    this.#rewrite = rewrite;
    for (const socket of [this.#client, this.#upstream])
      socket
        .on("error", () => this.end())
        .on("close", () => {
          this.end();
          onEnd();
        });
    this.#client.on("data", (bytes: Buffer) => this.#sent(bytes));
    this.#upstream.on("data", (bytes: Buffer) => this.#answered(bytes));
  }

  /** The server rolls back the open transaction, as after the death of the client. */
  end(): void {
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

  #sent(bytes: Buffer): void {
    const sql = this.#commands.sent(bytes);
    const pass = (): void => {
      if (sql !== null) this.#isRound = isRoundAfter({ sql, isRound: this.#isRound });
      this.#upstream.write(rewritten(bytes, this.#rewrite));
    };
    const decision = sql === null ? "pass" : this.#decide({ sql, isRound: this.#isRound });
    if (decision === "pass") pass();
    else if (decision === "cut") this.end();
    else this.#hold(pass, decision);
  }

  #hold(forward: () => void, onHeld: (held: Held) => void): void {
    this.#client.pause();
    const pass = (): void => {
      forward();
      this.#client.resume();
    };
    onHeld({
      pass,
      loseAnswer: () => {
        this.#onAnswer = "lose";
        pass();
      },
      passAndHoldAnswer: () => this.#holdAnswer(forward),
      cut: () => this.end(),
      refuse: (refusal) => {
        this.#client.write(refusalPacket(refusal));
        this.#client.resume();
      },
      rollBack: (refusal) => {
        this.#isRound = false;
        this.#onAnswer = () => {
          this.#onAnswer = "forward";
          this.#client.write(refusalPacket(refusal));
          this.#client.resume();
        };
        this.#upstream.write(queryPacket("ROLLBACK"));
      },
    });
  }

  #holdAnswer(forward: () => void): Promise<HeldAnswer | null> {
    const { promise, resolve } = Promise.withResolvers<HeldAnswer>();
    const parts: Buffer[] = [];
    this.#onAnswer = (bytes) => {
      parts.push(bytes);
      resolve({
        deliver: () => {
          this.#onAnswer = "forward";
          this.#client.write(Buffer.concat(parts));
          this.#client.resume();
        },
        cut: () => this.end(),
      });
    };
    forward();
    return Promise.race([promise, this.#ended.promise]);
  }
}
