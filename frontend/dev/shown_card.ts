import { afterEach, beforeEach, vi } from "vitest";

import "../src/cem";
import type { Live } from "../src/data/live";
import type { Hass } from "../src/data/hass";
import { fakeHass, type Scene } from "./fake_hass";

export type Card = HTMLElement & {
  hass: Hass;
  updateComplete: Promise<boolean>;
  setConfig(config: object): void;
};

/** Let each test of a file run at the time of the recording, on a page of its own. */
export function atTheTimeOfTheRecording(): void {
  beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 2, 12, 15, 52) }));
  afterEach(() => {
    document.body.replaceChildren();
    vi.useRealTimers();
  });
}

/** Put a card on the page, drawn. */
export async function show(type: string, hass: Hass): Promise<Card> {
  const card = document.createElement(type) as Card;
  card.setConfig({ type: `custom:${type}`, entry_id: "demo" });
  card.hass = hass;
  document.body.append(card);
  for (let i = 0; i < 5; i++) await card.updateComplete;
  return card;
}

/** Everything that a node says, in all its shadow roots. */
export function words(node: Node): string {
  const own = node instanceof Text ? (node.textContent ?? "") : "";
  const root = node instanceof Element ? node.shadowRoot : null;
  const kids = [...(root?.childNodes ?? []), ...node.childNodes];
  return [own, ...kids.map(words)].join(" ").replace(/[\s\u00a0]+/g, " ");
}

/** A scene whose live home is bent before it is shown. */
export function bent(scene: Scene, bend: (live: Live) => void): Hass {
  const hass = fakeHass(scene);
  const { connection } = hass;
  return {
    ...hass,
    connection: {
      ...connection,
      subscribeMessage: (callback, message) =>
        connection.subscribeMessage<never>((event) => {
          bend(event as Live);
          callback(event);
        }, message),
    },
  };
}

/** A home that gives answers of a test's own, where it has any. */
export function answering(answers: (type: string) => unknown): Hass {
  const hass = fakeHass("calm");
  const { connection } = hass;
  return {
    ...hass,
    connection: {
      ...connection,
      async sendMessagePromise<Result>(message: { type: string }): Promise<Result> {
        return (answers(message.type) ?? (await connection.sendMessagePromise(message))) as Result;
      },
    },
  };
}
