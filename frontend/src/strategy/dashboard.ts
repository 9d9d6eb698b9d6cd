/** The dashboard that "New dashboard" offers: a view for each question. */

import type { Budgets, Health } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { homesOf } from "../data/shared";
import { localizer } from "../i18n/localize";

type ViewName = "now" | "limits" | "savings" | "energy" | "devices" | "health";

export interface StrategyConfig {
  type: string;
  entry_id?: string;
}

const LONGEST_WAIT_MS = 2_000;

/** Whether the home has nothing but meters, and whether it has a budget. */
interface Home {
  bare: boolean;
  budgets: boolean;
}

const UNKNOWN: Home = { bare: false, budgets: false };

/** What is known of the home in time. */
function known(hass: Hass, entryId?: string): Promise<Home> {
  const late = new Promise<Home>((resolve) => setTimeout(resolve, LONGEST_WAIT_MS, UNKNOWN));
  return Promise.race([ask(hass, entryId), late]);
}

async function ask({ connection }: Hass, entryId?: string): Promise<Home> {
  try {
    const id = entryId ?? (await homesOf(connection))[0]?.entry_id;
    if (id === undefined) return UNKNOWN;
    const [{ links }, { budgets }] = await Promise.all([
      connection.sendMessagePromise<Health>({ type: "cem/health", entry_id: id }),
      connection.sendMessagePromise<Budgets>({ type: "cem/budgets", entry_id: id }),
    ]);
    const meters = links.every(({ kind }) => kind === "meter" || kind === "submeter");
    return { bare: links.length > 0 && meters, budgets: budgets.length > 0 };
  } catch {
    return UNKNOWN;
  }
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
    const { bare, budgets } = await known(hass, config.entry_id);
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
          section([card(bare ? "energy" : "devices")]),
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
          section([...(budgets ? [card("budget")] : []), card("meter")]),
        ]),
        ...(bare
          ? []
          : [
              view("devices", [
                section([card("devices")], 2),
                section([card("log", { about: "device" })]),
              ]),
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
