/** Everything the CEM shows in Home Assistant: cards and the dashboard strategy. */

import "./cards/budget_card";
import "./cards/devices_card";
import "./cards/energy_card";
import "./cards/flow_card";
import "./cards/health_card";
import "./cards/limit_card";
import "./cards/log_card";
import "./cards/meter_card";
import "./cards/opportunities_card";
import "./cards/plan_card";
import "./cards/quarter_card";
import "./cards/savings_card";
import "./cards/status_card";
import { define } from "./components/define";
import { localizer } from "./i18n/localize";
import { DashboardStrategy } from "./strategy/dashboard";

interface Registered {
  type: string;
  name: string;
  description: string;
  [more: string]: unknown;
}

declare global {
  interface Window {
    customCards?: Registered[];
    customStrategies?: Registered[];
  }
}

const localize = localizer(document.documentElement.lang || "en");

const CARDS = {
  status: "cem-status-card",
  flow: "cem-flow-card",
  limit: "cem-limit-card",
  quarter: "cem-quarter-hour-card",
  devices: "cem-devices-card",
  meter: "cem-meter-card",
  plan: "cem-plan-card",
  opportunities: "cem-opportunities-card",
  savings: "cem-savings-card",
  energy: "cem-energy-card",
  budget: "cem-budget-card",
  health: "cem-health-card",
  log: "cem-log-card",
} as const;

function offer(list: Registered[], entry: Registered): void {
  if (!list.some(({ type }) => type === entry.type)) list.push(entry);
}

define("ll-strategy-dashboard-cem", DashboardStrategy);

window.customStrategies ??= [];
offer(window.customStrategies, {
  type: "cem",
  strategyType: "dashboard",
  name: localize("strategy.name"),
  description: localize("strategy.description"),
});

window.customCards ??= [];
for (const [key, type] of Object.entries(CARDS) as [keyof typeof CARDS, string][]) {
  offer(window.customCards, {
    type,
    name: localize(`card.${key}.name`),
    description: localize(`card.${key}.description`),
    preview: true,
  });
}
