/**
 * The CEM's messages in the user's language, with the numbers and times of the user's
 * profile as all else on the cards: the texts they come with are Home Assistant's, by a
 * clock of 24 hours. The sentences are those of Home Assistant's translations, which
 * fall back to English key by key.
 */

import type { Hass } from "../data/hass";
import { sentencesOf, type Sentences } from "../data/shared";
import type { Format } from "./format";

export type Value = string | number | Message;

export interface Message {
  key: string;
  values: Record<string, Value>;
  also?: Message[];
}

/** Shown as somebody gave them; else decimals go by how a name ends (render.py). */
const AS_GIVEN = new Set(["due_kwh", "least_kwh", "limit_kw"]);
const DECIMALS: readonly [string, number][] = [
  ["_per_kwh", 3],
  ["_kwh", 2],
  ["_kw", 2],
  ["_c", 1],
  ["cost", 2],
];

/** An amount of money in a sentence, as in render.py. */
const AMOUNT = /\{(\w+)\}[ \u00a0]\{currency\}/g;

/** The sentences of the user's language. */
export function sentencesFor({ connection, locale }: Hass): Promise<Sentences> {
  return sentencesOf(connection, locale.language);
}

/** The event with its texts made anew; one whose sentence is not known keeps its own. */
export function translated<Event>(event: Event, sentences: Sentences, format: Format): Event {
  if (Array.isArray(event)) {
    return event.map((each: unknown) => translated(each, sentences, format)) as Event;
  }
  if (typeof event !== "object" || event === null) return event;
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event)) {
    made[name] = translated(value, sentences, format);
  }
  if (isMessage(event) && "text" in made) made.text = say(event, sentences, format) ?? made.text;
  const { reason_message: reason } = event as { reason_message?: unknown };
  if (isMessage(reason)) made.reason = say(reason, sentences, format) ?? made.reason;
  return made as Event;
}

function isMessage(thing: unknown): thing is Message {
  return typeof thing === "object" && thing !== null && "key" in thing && "values" in thing;
}

function say(message: Message, sentences: Sentences, format: Format): string | undefined {
  const told: string[] = [];
  for (const { key, values } of [message, ...(message.also ?? [])]) {
    const sentence = sentences[`component.cem.common.${key}`];
    if (sentence === undefined) return undefined;
    const { currency } = values;
    told.push(
      sentence
        .replace(AMOUNT, (whole, name: string) => {
          const amount = values[name];
          if (typeof amount !== "number" || typeof currency !== "string") return whole;
          return format.amount(amount, decimalsOf(name, amount), currency);
        })
        .replace(/\{(\w+)\}/g, (whole, name: string) =>
          shown(name, values[name] ?? whole, sentences, format),
        ),
    );
  }
  return told.join(" ");
}

function shown(name: string, value: Value, sentences: Sentences, format: Format): string {
  if (typeof value === "object") return say(value, sentences, format) ?? value.key;
  if (typeof value === "string") return name.endsWith("_time") ? format.dayTime(value) : value;
  return format.number(value, decimalsOf(name, value));
}

function decimalsOf(name: string, value: number): number {
  const given = String(value).split(".")[1]?.length ?? 0;
  if (AS_GIVEN.has(name)) return Math.min(given, 2);
  return DECIMALS.find(([ending]) => name.endsWith(ending))?.[1] ?? given;
}
