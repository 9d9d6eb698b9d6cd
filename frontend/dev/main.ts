/** `?view=now|plan|limits|…`, `?scene=…`, `?dark`, `?rtl`, `?language=de`, `?format=decimal_comma`. */

import "../src/cem";
import type { Hass } from "../src/data/hass";
import { fakeHass, type Scene, setClock } from "./fake_hass";

class FakeCard extends HTMLElement {
  constructor() {
    super();
    const sheet = `:host{display:block;background:var(--card-background-color);border:1px solid
      var(--divider-color);border-radius:12px;color:var(--primary-text-color)}`;
    this.attachShadow({ mode: "open" }).append(document.createElement("slot"));
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = [style];
  }
}
customElements.define("ha-card", FakeCard);

interface View {
  path: string;
  cards?: { type: string }[];
  sections?: { column_span: number; cards: { type: string }[] }[];
}
type Card = HTMLElement & { hass: Hass; layout?: string; setConfig(config: object): void };

setClock();
const query = new URLSearchParams(location.search);
document.documentElement.classList.toggle("dark", query.has("dark"));
if (query.has("rtl")) document.documentElement.dir = "rtl";
const language = query.get("language");
const numbers = query.get("format");
const hass = fakeHass((query.get("scene") ?? "limit") as Scene, {
  ...(language ? { language } : {}),
  ...(numbers ? { number_format: numbers } : {}),
});

function card(config: { type: string }): Card {
  const element = document.createElement(config.type.replace("custom:", "")) as Card;
  element.setConfig(config);
  element.hass = hass;
  return element;
}

const strategy = customElements.get("ll-strategy-dashboard-cem") as unknown as {
  generate(config: object, hass: Hass): Promise<{ views: View[] }>;
};
const { views } = await strategy.generate({ type: "custom:cem" }, hass);
const view = views.find(({ path }) => path === (query.get("view") ?? "now"));
const main = document.querySelector("main");
for (const section of view?.sections ?? []) {
  const element = document.createElement("section");
  element.classList.toggle("wide", section.column_span > 1);
  element.append(...section.cards.map(card));
  main?.append(element);
  main?.classList.add("sections");
}
for (const config of view?.cards ?? []) {
  const element = card(config);
  element.layout = "panel";
  main?.append(element);
}
