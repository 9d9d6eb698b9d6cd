/** The choice of a period at the head of a card. */

import { html, type TemplateResult } from "lit";

import type { Key, Localize } from "../i18n/localize";
import "./segments";

export function periodChoice<Value extends string>(
  values: readonly Value[],
  chosen: Value,
  localize: Localize,
  pick: (value: Value) => void,
): TemplateResult {
  return html`<cem-segments
    .label=${localize("period.label")}
    .options=${values.map((value) => ({ value, text: localize(`period.${value}` as Key) }))}
    .value=${chosen}
    @pick=${(event: CustomEvent<Value>) => pick(event.detail)}
  ></cem-segments>`;
}
