/**
 * One subscription that outlives restarts of Home Assistant and of the CEM.
 *
 * The connection's own re-subscription is not used: it gives up for good when
 * the first try after a reconnect fails, and that is the rule while Home
 * Assistant is still setting up the CEM.
 */

import { errorText, type Connection } from "./hass";

export type SubscriptionState = "connecting" | "live" | "stale" | "refused";

const RETRY_S = [1, 2, 5, 10, 30] as const;

export interface SubscriptionOptions {
  /** Without an event for this long the data are stale; undefined: never. */
  staleAfterMs?: number;
  /** Without an event for this long subscribe anew; undefined: never. */
  renewAfterMs?: number;
}

/** What a card follows: something that is told, or asked for, again and again. */
export interface Source<Event> {
  readonly latest: Event | undefined;
  readonly receivedAt: number | undefined;
  readonly state: SubscriptionState;
  readonly error: string | undefined;
  readonly entryId: string;
  listen(listener: () => void): () => void;
}

export class Subscription<Event> implements Source<Event> {
  latest: Event | undefined;
  receivedAt: number | undefined;
  state: SubscriptionState = "connecting";
  error: string | undefined;

  private listeners = new Set<() => void>();
  private end: (() => Promise<void>) | undefined;
  private attempt = 0;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private lastSign = 0;

  constructor(
    private readonly connection: Connection,
    private readonly message: { type: string; entry_id: string },
    private readonly options: SubscriptionOptions = {},
  ) {}

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  }

  get entryId(): string {
    return this.message.entry_id;
  }

  private start(): void {
    this.connection.addEventListener("ready", this.renew);
    this.connection.addEventListener("disconnected", this.lost);
    this.watch = setInterval(() => this.look(), 1000);
    this.renew();
  }

  private stop(): void {
    this.connection.removeEventListener("ready", this.renew);
    this.connection.removeEventListener("disconnected", this.lost);
    clearInterval(this.watch);
    this.drop();
  }

  /** Leave the present subscription; a late answer to it is ignored. */
  private drop(): void {
    this.attempt += 1;
    clearTimeout(this.retry);
    const end = this.end;
    this.end = undefined;
    // The server may have forgotten it already: that is what we want anyway.
    if (end && this.connection.connected) end().catch(() => undefined);
  }

  private readonly renew = (): void => {
    this.drop();
    const attempt = this.attempt;
    this.lastSign = Date.now();
    this.connection
      .subscribeMessage<Event>(
        (event) => {
          if (attempt === this.attempt) this.receive(event);
        },
        this.message,
        { resubscribe: false },
      )
      .then((end) => {
        if (attempt === this.attempt) this.end = end;
        else end().catch(() => undefined);
      })
      .catch((error: unknown) => {
        if (attempt === this.attempt) this.fail(errorText(error));
      });
  };

  private receive(event: Event): void {
    this.latest = event;
    this.receivedAt = this.lastSign = Date.now();
    this.failures = 0;
    this.error = undefined;
    this.state = "live";
    this.tell();
  }

  private fail(reason: string): void {
    const delay = RETRY_S[Math.min(this.failures, RETRY_S.length - 1)] ?? 30;
    this.failures += 1;
    this.error = reason;
    this.state = this.latest === undefined ? "refused" : "stale";
    this.retry = setTimeout(this.renew, delay * 1000);
    this.tell();
  }

  private readonly lost = (): void => {
    this.drop();
    this.state = this.latest === undefined ? "connecting" : "stale";
    this.tell();
  };

  private look(): void {
    const { staleAfterMs, renewAfterMs } = this.options;
    const silent = Date.now() - this.lastSign;
    if (this.state === "live" && staleAfterMs && silent > staleAfterMs) {
      this.state = "stale";
      this.tell();
    }
    const waiting = this.end !== undefined && this.connection.connected;
    if (waiting && renewAfterMs && silent > renewAfterMs) this.renew();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
