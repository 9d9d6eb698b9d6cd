/** Times of day as people type them, in the home's time zone. */

import type { Format } from "../i18n/format";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** HH:MM for an `input` of type time. */
export function clockOf(at: number, format: Format): string {
  const minute = format.minuteOfDay(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The next time that `clock` strikes after `after`; undefined: it is no time. */
export function nextAt(clock: string, after: number, format: Format): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})/.exec(clock) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const wanted = Number(hours) * 60 + Number(minutes);
  if (wanted >= DAY_MINUTES) return undefined;
  const whole = Math.floor(after / MINUTE_MS) * MINUTE_MS;
  const ahead = (from: number) => (wanted - format.minuteOfDay(from) + DAY_MINUTES) % DAY_MINUTES;
  const found = whole + (ahead(whole) || DAY_MINUTES) * MINUTE_MS;
  // Where clocks change in between, an hour is missing or doubled.
  const off = ahead(found);
  const shift = off > DAY_MINUTES / 2 ? off - DAY_MINUTES : off;
  return found + shift * MINUTE_MS;
}
