import { html, nothing, type TemplateResult } from "lit";

import type { PlanMessage } from "../data/plan";
import type { PlanTable } from "../data/plan_table";
import { icon } from "../components/icons";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";

/** In whose words, and as of when, something is said. */
export interface Said {
  now: number;
  format: Format;
  localize: Localize;
}

/** What the plan is, when it was made and what it costs. */
export function planHeader(plan: PlanMessage, table: PlanTable, { now, format, localize }: Said): TemplateResult {
  const total = Object.values(plan.cost).reduce<number>((sum, part) => sum + (part ?? 0), 0);
  const parts = (["energy", "capacity", "wear", "starting", "comfort", "end_value"] as const)
    .filter((part) => Math.abs(plan.cost[part] ?? 0) >= 0.005)
    .map((part) =>
      localize(`plan.cost.${part}`, { cost: format.money(plan.cost[part] ?? 0, plan.currency) }),
    );
  const until = format.dayTime(table.edges[table.steps] ?? 0, now);
  const good = plan.status === "optimal" || plan.status === "feasible";
  return html`<div class="head">
    <div class="heading">
      <h2>${localize("plan.title")}</h2>
      <span class="chip ${good ? "" : "strong"}"
        >${icon(good ? "check" : "warning", 14)}${localize(`plan.status.${plan.status}`)}</span
      >
      <span class="soft num">${localize("plan.made", { time: format.dayTime(plan.created_at, now) })}</span>
    </div>
    ${plan.status === "infeasible"
      ? nothing
      : html`<div class="cost num">
          <b>${localize("plan.cost", { cost: format.money(total, plan.currency), time: until })}</b>
          ${parts.length > 1
            ? html`<span class="soft">${parts.map((part, n) => html`${n ? " · " : ""}<span class="whole">${part}</span>`)}</span>`
            : nothing}
          ${plan.limit_cost ? html`<span>${plan.limit_cost.text}</span>` : nothing}
          <span class="chip">${localize("quality.not_for_billing")}</span>
        </div>`}
  </div>`;
}

/** What is wrong with the plan, and what gave way in it; nothing where all is well. */
export function planNotice(
  plan: PlanMessage,
  table: PlanTable,
  { now, format, localize }: Said,
): TemplateResult | typeof nothing {
  const over = now >= (table.edges[table.steps] ?? 0);
  const kind = plan.status;
  const help =
    kind === "rule" || kind === "relaxed" || kind === "infeasible"
      ? localize(`plan.status.${kind}_help`)
      : undefined;
  const gaveWay = plan.relaxed.map(
    ({ text, constraint, by, unit }) =>
      html`<li>${text || `${constraint}: ${format.number(by, 2)} ${unit}`}</li>`,
  );
  if (!over && !help && !gaveWay.length) return nothing;
  return html`<div class="notice" role="status">
    ${icon("warning", 20)}
    <div>
      ${over ? html`<p>${localize("plan.status.over")}</p>` : nothing}
      ${help ? html`<p>${help}</p>` : nothing}
      ${gaveWay.length ? html`<ul>${gaveWay}</ul>` : nothing}
    </div>
  </div>`;
}
