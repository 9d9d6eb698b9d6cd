/** The mark of a figure that no meter said: metered is the unmarked default. */

import { html, nothing, type TemplateResult } from "lit";

import type { Quality } from "../data/live";
import type { Localize } from "../i18n/localize";

const SIGNS = { calculated: "=", estimated: "≈" } as const;

/** The sign that stands after the figure, or undefined for a metered one. */
export function markSign(quality: Quality | null | undefined): string | undefined {
  return quality && quality !== "metered" ? SIGNS[quality] : undefined;
}

/** What the sign means, in words, or undefined. */
export function markWord(quality: Quality | null | undefined, localize: Localize): string | undefined {
  return quality && quality !== "metered" ? localize(`quality.${quality}`) : undefined;
}

export function mark(
  quality: Quality | null | undefined,
  localize: Localize,
): TemplateResult | typeof nothing {
  const word = markWord(quality, localize);
  if (word === undefined) return nothing;
  return html`<span class="mark" role="img" title=${word} aria-label=${word}>${markSign(quality)}</span>`;
}
