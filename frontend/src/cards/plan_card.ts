import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Hass } from "../data/hass";
import type { PlanMessage } from "../data/plan";
import { type PlanTable, planTable, stepAt } from "../data/plan_table";
import { planOf } from "../data/shared";
import type { Subscription } from "../data/subscription";
import { define } from "../components/define";
import { icon } from "../components/icons";
import "../components/plan_chart";
import "../components/plan_data_table";
import "../components/plan_legend";
import "../components/plan_reasons";
import { type PlanSeries, planSeries } from "../components/plan_series";
import { stepSentence } from "../components/step_readout";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { CemCard } from "./card";
import { planCardStyles } from "./plan_card_styles";

interface Cursor {
  step: number;
  byKeyboard: boolean;
  /** Pixels from the chart's left edge. */
  x: number;
}

const TIP_PX = 330;

/** The plan as one chart, with its reasons and what gave way. */
export class PlanCard extends CemCard<PlanMessage | null> {
  protected override readonly size = 20;

  static override styles = [...CemCard.styles, planCardStyles];

  @state() private hiddenIds: ReadonlySet<string> = new Set();
  @state() private cursor?: Cursor;
  @state() private now = Date.now();

  private clock: ReturnType<typeof setInterval> | undefined;
  private drawn?: {
    plan: PlanMessage;
    localize: Localize;
    format: Format;
    table: PlanTable;
    series: PlanSeries[];
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.clock = setInterval(() => (this.now = Date.now()), 15_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
  }

  protected subscribe(hass: Hass, entryId: string): Subscription<PlanMessage | null> {
    return planOf(hass.connection, entryId);
  }

  protected override heard(): void {
    this.now = Date.now();
    // The same plan sent again leaves the cursor where it is.
    if (this.subscription?.latest?.created_at !== this.drawn?.plan.created_at) {
      this.cursor = undefined;
    }
    super.heard();
  }

  /** The same objects as long as plan and language are the same: the chart then rests. */
  private prepared(plan: PlanMessage) {
    const { localize, format } = this;
    if (this.drawn?.plan !== plan || this.drawn.format !== format) {
      const table = planTable(plan);
      this.drawn = { plan, localize, format, table, series: planSeries(plan, table, localize) };
    }
    return this.drawn;
  }

  protected body(plan: PlanMessage | null): TemplateResult {
    if (!plan?.times.length) {
      return html`<h2>${this.localize("plan.title")}</h2>
        <div class="nothing">
          ${icon("clock", 40)}
          <b>${this.localize("plan.none")}</b>
          <p class="empty">${this.localize("plan.none_help")}</p>
        </div>`;
    }
    const { table, series } = this.prepared(plan);
    const at = this.cursor?.step ?? stepAt(table, this.now);
    return html`${this.header(plan, table)} ${this.notice(plan, table)}
      <div class="chart">
        <cem-plan-chart
          .table=${table}
          .series=${series}
          .hiddenIds=${this.hiddenIds}
          .cursor=${this.cursor?.step}
          .now=${this.now}
          .format=${this.format}
          .localize=${this.localize}
          .theme=${this.hass?.themes}
          @cursor=${this.moved}
        ></cem-plan-chart>
        ${this.cursor ? this.tip(plan, table, this.cursor) : nothing}
      </div>
      ${at === undefined ? nothing : html`<div class="docked">${this.readout(plan, table, at)}</div>`}
      <div class="hidden" aria-live="polite">${this.spoken(table)}</div>
      <cem-plan-legend
        .series=${series}
        .hiddenIds=${this.hiddenIds}
        .localize=${this.localize}
        @pick=${(event: CustomEvent<string[]>) => this.toggle(event.detail)}
      ></cem-plan-legend>
      <h2>${this.localize("plan.reasons")}</h2>
      <cem-plan-reasons
        .table=${table}
        .reasons=${plan.reasons}
        .currency=${plan.currency}
        .now=${this.now}
        .cursor=${this.cursor?.step}
        .format=${this.format}
        .localize=${this.localize}
        @pick=${(event: CustomEvent<number>) => this.goTo(table, event.detail)}
      ></cem-plan-reasons>
      <cem-plan-data-table
        .table=${table}
        .format=${this.format}
        .localize=${this.localize}
      ></cem-plan-data-table>`;
  }

  private header(plan: PlanMessage, table: PlanTable): TemplateResult {
    const { format, localize } = this;
    const total = Object.values(plan.cost).reduce<number>((sum, part) => sum + (part ?? 0), 0);
    const parts = (["energy", "capacity", "wear", "starting", "comfort", "end_value"] as const)
      .filter((part) => Math.abs(plan.cost[part] ?? 0) >= 0.005)
      .map((part) =>
        localize(`plan.cost.${part}`, { cost: format.money(plan.cost[part] ?? 0, plan.currency) }),
      );
    const until = format.dayTime(table.edges[table.steps] ?? 0, this.now);
    const good = plan.status === "optimal" || plan.status === "feasible";
    return html`<div class="head">
      <div class="heading">
        <h2>${localize("plan.title")}</h2>
        <span class="chip ${good ? "" : "strong"}"
          >${icon(good ? "check" : "warning", 14)}${localize(`plan.status.${plan.status}`)}</span
        >
        <span class="soft num">${localize("plan.made", { time: format.dayTime(plan.created_at, this.now) })}</span>
      </div>
      ${plan.status === "infeasible"
        ? nothing
        : html`<div class="cost num">
            <b>${localize("plan.cost", { cost: format.money(total, plan.currency), time: until })}</b>
            ${parts.length > 1 ? html`<span class="soft">${parts.join(" · ")}</span>` : nothing}
            ${plan.limit_cost ? html`<span>${plan.limit_cost.text}</span>` : nothing}
            <span class="chip">${localize("quality.not_for_billing")}</span>
          </div>`}
    </div>`;
  }

  private notice(plan: PlanMessage, table: PlanTable): TemplateResult | typeof nothing {
    const { localize } = this;
    const over = this.now >= (table.edges[table.steps] ?? 0);
    const kind = plan.status;
    const help =
      kind === "rule" || kind === "relaxed" || kind === "infeasible"
        ? localize(`plan.status.${kind}_help`)
        : undefined;
    const gaveWay = plan.relaxed.map(
      ({ text, constraint, by, unit }) =>
        html`<li>${text || `${constraint}: ${this.format.number(by, 2)} ${unit}`}</li>`,
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

  private readout(plan: PlanMessage, table: PlanTable, step: number): TemplateResult {
    return html`<cem-step-readout
      .table=${table}
      .reasons=${plan.reasons}
      .step=${step}
      .format=${this.format}
      .localize=${this.localize}
    ></cem-step-readout>`;
  }

  /** Beside the cursor, on the side that has room. */
  private tip(plan: PlanMessage, table: PlanTable, { step, x }: Cursor): TemplateResult {
    const chart = this.renderRoot.querySelector("cem-plan-chart");
    const room = (chart?.clientWidth ?? 0) - x;
    const left = room > TIP_PX + 40 ? x + 28 : x - TIP_PX - 12;
    return html`<div class="tip" style="left:${Math.max(0, left)}px;width:${TIP_PX}px">
      ${this.readout(plan, table, step)}
    </div>`;
  }

  private spoken(table: PlanTable): string {
    if (!this.cursor?.byKeyboard) return "";
    return stepSentence(table, this.cursor.step, this.format, this.localize);
  }

  private moved(event: CustomEvent<Omit<Cursor, "step"> & { step: number | undefined }>): void {
    const { step, byKeyboard, x } = event.detail;
    this.cursor = step === undefined ? undefined : { step, byKeyboard, x };
  }

  private goTo(table: PlanTable, at: number): void {
    const step = stepAt(table, Math.max(at, table.edges[0] ?? 0));
    const chart = this.renderRoot.querySelector("cem-plan-chart");
    if (step === undefined || !chart) return;
    this.cursor = { step, byKeyboard: true, x: chart.x(table.edges[step] ?? 0) };
    chart.scrollIntoView({ block: "nearest" });
  }

  private toggle(ids: string[]): void {
    const next = new Set(this.hiddenIds);
    const hide = !ids.every((id) => next.has(id));
    for (const id of ids) {
      if (hide) next.add(id);
      else next.delete(id);
    }
    this.hiddenIds = next;
  }
}

define("cem-plan-card", PlanCard);
