/** A question that is asked again now and then while somebody looks. */

import { errorText, type Connection } from "./hass";
import type { Source, SubscriptionState } from "./subscription";

export type Question = { type: string; entry_id: string } & Record<string, unknown>;

const AFTER_FAILURE_MS = 5_000;

export class Asked<Answer> implements Source<Answer> {
  latest: Answer | undefined;
  receivedAt: number | undefined;
  state: SubscriptionState = "connecting";
  error: string | undefined;

  private listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(
    private readonly connection: Connection,
    private readonly question: Question,
    private readonly everyMs: number,
  ) {}

  get entryId(): string {
    return this.question.entry_id;
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      this.connection.addEventListener("ready", this.again);
      this.again();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.connection.removeEventListener("ready", this.again);
      clearTimeout(this.timer);
      this.asked += 1;
    };
  }

  /** Ask now; a late answer to an earlier question is ignored. */
  readonly again = (): void => {
    clearTimeout(this.timer);
    const number = (this.asked += 1);
    const then = (afterMs: number) => {
      this.timer = setTimeout(this.again, afterMs);
      for (const listener of this.listeners) listener();
    };
    this.connection
      .sendMessagePromise<Answer>(this.question)
      .then((answer) => {
        if (number !== this.asked) return;
        this.latest = answer;
        this.receivedAt = Date.now();
        this.state = "live";
        this.error = undefined;
        then(this.everyMs);
      })
      .catch((error: unknown) => {
        if (number !== this.asked) return;
        this.error = errorText(error);
        this.state = this.latest === undefined ? "refused" : "stale";
        then(AFTER_FAILURE_MS);
      });
  };
}
