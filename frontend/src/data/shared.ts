/** Cards on one page share one subscription per home and kind. */

import type { Connection } from "./hass";
import type { Home, Live } from "./live";
import type { MeterMessage } from "./meter";
import type { PlanMessage } from "./plan";
import { Asked, type Question } from "./asked";
import { type Source, Subscription, type SubscriptionOptions } from "./subscription";

const LIVE: SubscriptionOptions = { staleAfterMs: 5_000, renewAfterMs: 8_000 };
// A plan is news every few minutes only. When the CEM is set up anew the old
// subscription goes silent for good: asking again is what finds the new one.
const PLAN: SubscriptionOptions = { renewAfterMs: 60_000 };

const known = new WeakMap<Connection, Map<string, Source<unknown>>>();
/** Home Assistant's translations of the CEM's messages, by their full key. */
export type Sentences = Record<string, string>;

const sentences = new WeakMap<Connection, Map<string, Promise<Sentences>>>();
const homes = new WeakMap<Connection, Promise<Home[]>>();

function shared<Event>(
  connection: Connection,
  message: { type: string; entry_id: string },
  options: SubscriptionOptions,
): Subscription<Event> {
  const ofConnection = known.get(connection) ?? new Map<string, Source<unknown>>();
  known.set(connection, ofConnection);
  const key = `${message.type} ${message.entry_id}`;
  const found = ofConnection.get(key) ?? new Subscription(connection, message, options);
  ofConnection.set(key, found);
  return found as Subscription<Event>;
}

export function liveOf(connection: Connection, entryId: string): Subscription<Live> {
  return shared(connection, { type: "cem/subscribe_live", entry_id: entryId }, LIVE);
}

export function meterOf(connection: Connection, entryId: string): Subscription<MeterMessage> {
  return shared(connection, { type: "cem/subscribe_meter", entry_id: entryId }, LIVE);
}

export function planOf(
  connection: Connection,
  entryId: string,
): Subscription<PlanMessage | null> {
  return shared(connection, { type: "cem/subscribe_plan", entry_id: entryId }, PLAN);
}

/** What a question's answer is now; cards that ask the same share one. */
export function askedOf<Answer>(
  connection: Connection,
  question: Question,
  everyMs: number,
): Asked<Answer> {
  const ofConnection = known.get(connection) ?? new Map<string, Source<unknown>>();
  known.set(connection, ofConnection);
  const key = JSON.stringify(question);
  const found = ofConnection.get(key) ?? new Asked<Answer>(connection, question, everyMs);
  ofConnection.set(key, found);
  return found as Asked<Answer>;
}

export function homesOf(connection: Connection): Promise<Home[]> {
  let asked = homes.get(connection);
  if (!asked) {
    asked = connection.sendMessagePromise<Home[]>({ type: "cem/homes" });
    homes.set(connection, asked);
    // Ask again next time: homes come and go.
    const forget = () => homes.delete(connection);
    asked.then((found) => found.length || forget(), forget);
  }
  return asked;
}

/** Asked for once for a page; again after a failure. */
export function sentencesOf(connection: Connection, language: string): Promise<Sentences> {
  const ofConnection = sentences.get(connection) ?? new Map<string, Promise<Sentences>>();
  sentences.set(connection, ofConnection);
  let asked = ofConnection.get(language);
  if (!asked) {
    asked = connection
      .sendMessagePromise<{ resources: Sentences }>({
        type: "frontend/get_translations",
        language,
        category: "common",
        integration: ["cem"],
      })
      .then(({ resources }) => resources);
    ofConnection.set(language, asked);
    asked.catch(() => ofConnection.delete(language));
  }
  return asked;
}
