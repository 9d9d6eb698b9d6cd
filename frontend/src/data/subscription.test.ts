import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Connection } from "./hass";
import { Subscription } from "./subscription";

/** A connection of which the test is the other end. */
class FakeConnection implements Connection {
  connected = true;
  asked = 0;
  ended = 0;
  refuse: string | undefined;
  send: ((event: number) => void)[] = [];
  private listeners = { ready: new Set<() => void>(), disconnected: new Set<() => void>() };

  async subscribeMessage<Event>(
    callback: (event: Event) => void,
    _message: object,
    options?: { resubscribe?: boolean },
  ) {
    expect(options).toEqual({ resubscribe: false });
    this.asked += 1;
    if (this.refuse !== undefined) throw { code: "unknown_command", message: this.refuse };
    this.send.push(callback as (event: unknown) => void);
    return async () => void (this.ended += 1);
  }

  async sendMessagePromise<Result>(): Promise<Result> {
    throw new Error("not used");
  }

  addEventListener(type: "ready" | "disconnected", listener: () => void): void {
    this.listeners[type].add(listener);
  }

  removeEventListener(type: "ready" | "disconnected", listener: () => void): void {
    this.listeners[type].delete(listener);
  }

  drop(): void {
    this.connected = false;
    for (const listener of this.listeners.disconnected) listener();
  }

  comeBack(): void {
    this.connected = true;
    for (const listener of this.listeners.ready) listener();
  }

  get listening(): number {
    return this.listeners.ready.size + this.listeners.disconnected.size;
  }
}

let connection: FakeConnection;
let subscription: Subscription<number>;
const heard = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  heard.mockClear();
  connection = new FakeConnection();
  subscription = new Subscription(
    connection,
    { type: "cem/subscribe_live", entry_id: "e" },
    { staleAfterMs: 5_000, renewAfterMs: 15_000 },
  );
});

afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

test("events arrive and are announced", async () => {
  subscription.listen(heard);
  await settle();
  expect(subscription.state).toBe("connecting");
  connection.send[0]?.(42);
  expect(subscription.latest).toBe(42);
  expect(subscription.state).toBe("live");
  expect(heard).toHaveBeenCalledTimes(1);
});

test("two listeners share one subscription, the last to leave ends it", async () => {
  const leave = subscription.listen(heard);
  const leaveToo = subscription.listen(vi.fn());
  await settle();
  expect(connection.asked).toBe(1);
  leave();
  expect(connection.ended).toBe(0);
  leaveToo();
  expect(connection.ended).toBe(1);
  expect(connection.listening).toBe(0);
});

test("after a reconnect it subscribes anew and ignores the old one", async () => {
  subscription.listen(heard);
  await settle();
  connection.send[0]?.(1);
  connection.drop();
  expect(subscription.state).toBe("stale");
  expect(subscription.latest).toBe(1);
  connection.comeBack();
  await settle();
  expect(connection.asked).toBe(2);
  connection.send[0]?.(99);
  expect(subscription.latest).toBe(1);
  connection.send[1]?.(2);
  expect(subscription.latest).toBe(2);
  expect(subscription.state).toBe("live");
});

test("refused after a restart, it tries again until the CEM is set up", async () => {
  connection.refuse = "Unknown command.";
  subscription.listen(heard);
  await settle();
  expect(subscription.state).toBe("refused");
  expect(subscription.error).toBe("Unknown command.");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.asked).toBe(2);
  connection.refuse = undefined;
  await vi.advanceTimersByTimeAsync(2_000);
  connection.send[0]?.(7);
  expect(subscription.state).toBe("live");
  expect(subscription.error).toBeUndefined();
});

test("tries become rarer, never rarer than every 30 s", async () => {
  connection.refuse = "no";
  subscription.listen(heard);
  await vi.advanceTimersByTimeAsync((1 + 2 + 5 + 10 + 30) * 1000);
  expect(connection.asked).toBe(6);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.asked).toBe(8);
});

test("silence makes it stale, longer silence makes it subscribe anew", async () => {
  subscription.listen(heard);
  await settle();
  connection.send[0]?.(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(subscription.state).toBe("live");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(subscription.state).toBe("stale");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection.asked).toBe(2);
  expect(connection.ended).toBe(1);
});

test("an answer that comes after everyone has left is ended at once", async () => {
  const leave = subscription.listen(heard);
  leave();
  await settle();
  expect(connection.ended).toBe(1);
});
