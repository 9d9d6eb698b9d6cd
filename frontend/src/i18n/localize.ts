/** Strings by key; a language that lacks one falls back to English. */

import en from "./en.json";

export type Key = keyof typeof en;
type Strings = Partial<Record<Key, string>>;

/** A translation is one more file like en.json, by its language's code. */
const FILES = import.meta.glob<Strings>("./*.json", { eager: true, import: "default" });
const LANGUAGES = Object.fromEntries(
  Object.entries(FILES).map(([path, strings]) => [path.slice(2, -5), strings]),
);

export type Localize = (key: Key, values?: Record<string, string | number>) => string;

export function localizer(language: string): Localize {
  const strings = LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""] ?? en;
  return (key, values = {}) =>
    (strings[key] ?? en[key]).replace(/\{(\w+)\}/g, (whole, name: string) =>
      name in values ? String(values[name]) : whole,
    );
}

/** The string for a key that is put together from data, or else `otherwise`. */
export function lookup(localize: Localize, key: string, otherwise: string): string {
  return key in en ? localize(key as Key) : otherwise;
}
