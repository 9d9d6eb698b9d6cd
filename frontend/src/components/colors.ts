/** One colour for each thing, from the theme's energy palette where it has one. */

import type { DeviceKind } from "../data/live";

export const COLOR = {
  grid: "var(--energy-grid-consumption-color, #488fc2)",
  export: "var(--energy-grid-return-color, #8353d1)",
  solar: "var(--energy-solar-color, #ff9800)",
  battery: "var(--energy-battery-out-color, #4db6ac)",
  ev_charger: "var(--cem-ev-charger-color, #5c7cfa)",
  heat_pump: "var(--cem-heat-pump-color, #e8735a)",
  water_heater: "var(--cem-water-heater-color, #3fa7c4)",
  appliance: "var(--cem-appliance-color, #b07cc6)",
  house: "var(--cem-house-color, #8a9aa5)",
} as const;

export function kindColor(kind: DeviceKind): string {
  return COLOR[kind];
}

/** What a canvas or SVG library can use: variables looked up on `element`. */
export function resolved(element: Element, color: string): string {
  const variable = /^var\((--[\w-]+)(?:,\s*(.+))?\)$/.exec(color);
  if (!variable?.[1]) return color;
  const value = getComputedStyle(element).getPropertyValue(variable[1]).trim();
  return value || (variable[2] ? resolved(element, variable[2]) : "currentColor");
}
