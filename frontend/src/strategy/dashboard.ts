/** The dashboard that "New dashboard" offers: Now and Plan. */

import type { Hass } from "../data/hass";
import { localizer } from "../i18n/localize";

export interface StrategyConfig {
  type: string;
  entry_id?: string;
}

export class DashboardStrategy extends HTMLElement {
  static async generate(config: StrategyConfig, hass: Hass): Promise<object> {
    const localize = localizer(hass.language);
    const home = config.entry_id === undefined ? {} : { entry_id: config.entry_id };
    const card = (name: string) => ({
      type: `custom:cem-${name}-card`,
      ...home,
      grid_options: { columns: "full", rows: "auto" },
    });
    const section = (names: string[], span = 1) => ({
      type: "grid",
      column_span: span,
      cards: names.map(card),
    });
    return {
      title: localize("strategy.title"),
      views: [
        {
          title: localize("view.now"),
          path: "now",
          type: "sections",
          max_columns: 3,
          sections: [
            section(["status"], 3),
            section(["flow"]),
            section(["limit", "quarter-hour"]),
            section(["devices"]),
            section(["meter"]),
          ],
        },
        {
          title: localize("view.plan"),
          path: "plan",
          type: "panel",
          cards: [{ type: "custom:cem-plan-card", ...home }],
        },
      ],
    };
  }
}
