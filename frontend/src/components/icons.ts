/** Line icons on a 24 x 24 grid, drawn for this project. */

import { svg, type SVGTemplateResult } from "lit";

const PATHS = {
  grid: "M8.5 21 11 3h2l2.5 18M9 9h6M6 12l3-3m6 0 3 3M5 12h14M9.8 13l5 5M14.2 13l-5 5",
  solar: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  house: "M3.5 11.5 12 4l8.5 7.5M6 9.5V20h12V9.5M10 20v-5.5h4V20",
  battery: "M7 6h10v15H7ZM10 6V3.5h4V6M12.6 9.5l-2.4 4h3.6l-2.4 4",
  ev_charger: "M4 15.5v-3l2-5.5h10l2.5 5.5v3M4 12.5h14.5M4 15.5h15v3H4ZM6 18.5v2M16.5 18.5v2M7.5 15.5h.01M15.5 15.5h.01",
  heat_pump: "M3.5 5.5h17v13h-17ZM9.5 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM9.5 10.2v3.6M7.7 12h3.6M16 9h2M16 12h2M16 15h2",
  water_heater: "M7 3.5h10a1.5 1.5 0 0 1 1.5 1.5v12A1.5 1.5 0 0 1 17 18.5H7A1.5 1.5 0 0 1 5.5 17V5A1.5 1.5 0 0 1 7 3.5ZM9 18.5V21M15 18.5V21M12 7c1.8 2.2 2.7 3.6 2.7 5a2.7 2.7 0 0 1-5.4 0c0-1.4.9-2.8 2.7-5Z",
  appliance: "M5 3.5h14v17H5ZM5 8h14M8 5.8h.01M11 5.8h3M12 10.5a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2ZM9 14.5c1-.9 2-.9 3 0s2 .9 3 0",
  warning: "M12 4 2.8 20h18.4ZM12 10v4.5M12 17.3h.01",
  lock: "M6 11h12v9.5H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  hand: "M8 12.5V6a1.5 1.5 0 0 1 3 0v5M11 11V4.5a1.5 1.5 0 0 1 3 0V11M14 11V6a1.5 1.5 0 0 1 3 0v8.5a6 6 0 0 1-11 3.3L4 14.3a1.5 1.5 0 0 1 2.5-1.5L8 14.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  check: "M5 12.5l4.5 4.5L19 7.5",
} as const;

export type IconName = keyof typeof PATHS;

/** The strokes of an icon, for use inside an `svg` of its size. */
export function iconStrokes(name: IconName): SVGTemplateResult {
  return svg`<path d=${PATHS[name]} fill="none" stroke="currentColor"
    stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"></path>`;
}

/** The icon as an element of its own; meaning is always also in words. */
export function icon(name: IconName, size = 24): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size}
    aria-hidden="true">${iconStrokes(name)}</svg>`;
}
