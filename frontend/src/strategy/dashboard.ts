/** The dashboard that "New dashboard" offers: a view for each question. */

import type { Hass } from "../data/hass";
import { localizer } from "../i18n/localize";

type ViewName = "now" | "limits" | "savings" | "energy" | "devices" | "health";

export interface StrategyConfig {
  type: string;
  entry_id?: string;
}

export class DashboardStrategy extends HTMLElement {
  static async generate(config: StrategyConfig, hass: Hass): Promise<object> {
    const localize = localizer(hass.language);
    const home = config.entry_id === undefined ? {} : { entry_id: config.entry_id };
    const card = (name: string, more: object = {}) => ({
      type: `custom:cem-${name}-card`,
      ...home,
      ...more,
      grid_options: { columns: "full", rows: "auto" },
    });
    const section = (cards: object[], span = 1) => ({ type: "grid", column_span: span, cards });
    const view = (path: ViewName, sections: object[]) => ({
      title: localize(`view.${path}`),
      path,
      type: "sections",
      max_columns: 3,
      sections,
    });
    return {
      title: localize("strategy.title"),
      views: [
        view("now", [
          section([card("status")], 3),
          section([card("flow"), card("opportunities")]),
          section([card("limit"), card("quarter-hour")]),
          section([card("devices")]),
        ]),
        {
          title: localize("view.plan"),
          path: "plan",
          type: "panel",
          cards: [{ type: "custom:cem-plan-card", ...home }],
        },
        view("limits", [
          section([card("limit")]),
          section([card("quarter-hour")]),
          section([card("log", { about: "limit" })]),
        ]),
        view("savings", [
          section([card("savings")], 2),
          section([card("opportunities")]),
        ]),
        view("energy", [
          section([card("energy")], 2),
          section([card("meter")]),
        ]),
        view("devices", [
          section([card("devices")], 2),
          section([card("log", { about: "device" })]),
        ]),
        view("health", [
          section([card("status")], 3),
          section([card("health")]),
          section([card("log")], 2),
        ]),
      ],
    };
  }
}
