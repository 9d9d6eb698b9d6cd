import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Asked } from "./asked";
import type { Connection } from "./hass";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const QUESTION = { type: "cem/health", entry_id: "demo" };

function connected(answer: () => Promise<unknown>) {
  const ready = new Set<() => void>();
  const send = vi.fn(answer);
  const connection = {
    connected: true,
    sendMessagePromise: send,
    addEventListener: (_: string, listener: () => void) => ready.add(listener),
    removeEventListener: (_: string, listener: () => void) => ready.delete(listener),
  } as unknown as Connection;
  return { connection, send, ready };
}

test("it asks while somebody listens, again and again, and after a reconnect", async () => {
  let count = 0;
  const { connection, send, ready } = connected(async () => ++count);
  const asked = new Asked<number>(connection, QUESTION, 60_000);
  const heard = vi.fn();
  const leave = asked.listen(heard);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked.latest, asked.state]).toEqual([1, "live"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.latest).toBe(2);
  for (const listener of ready) listener();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.latest).toBe(3);
  expect(heard).toHaveBeenCalledTimes(3);
  leave();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(send).toHaveBeenCalledTimes(3);
  expect(ready.size).toBe(0);
});

test("a failure is told, an answer from before it stays, and it tries again", async () => {
  const answers = [() => Promise.reject({ message: "not set up" }), () => Promise.resolve("good")];
  const { connection } = connected(() => (answers.shift() ?? (() => Promise.reject("gone")))());
  const asked = new Asked<string>(connection, QUESTION, 60_000);
  asked.listen(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked.state, asked.error]).toEqual(["refused", "not set up"]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([asked.state, asked.latest]).toEqual(["live", "good"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked.state, asked.latest, asked.error]).toEqual(["stale", "good", "gone"]);
});

test("a late answer to an earlier question is ignored", async () => {
  const waiting: ((answer: string) => void)[] = [];
  const { connection } = connected(() => new Promise((resolve) => waiting.push(resolve)));
  const asked = new Asked<string>(connection, QUESTION, 60_000);
  asked.listen(() => undefined);
  asked.again();
  waiting[1]?.("new");
  await vi.advanceTimersByTimeAsync(0);
  waiting[0]?.("old");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.latest).toBe("new");
});
