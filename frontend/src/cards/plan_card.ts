import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { errorText, type Hass } from "../data/hass";
import type { PlanMessage, PlanReason } from "../data/plan";
import { type PlanTable, planTable, stepAt } from "../data/plan_table";
import { planOf } from "../data/shared";
import type { Subscription } from "../data/subscription";
import { endWish } from "../data/wish";
import { define } from "../components/define";
import { icon } from "../components/icons";
import "../components/plan_chart";
import "../components/plan_data_table";
import "../components/plan_legend";
import "../components/plan_reasons";
import type { Departure } from "../components/departure_handles";
import { type Draft, draftFor } from "../components/wish_form";
import "../components/wish_list";
import "../components/wish_panel";
import { type PlanSeries, planSeries } from "../components/plan_series";
import { stepSentence } from "../components/step_readout";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { CemCard } from "./card";
import { planCardStyles } from "./plan_card_styles";
import { planHeader, planNotice } from "./plan_head";

interface Cursor {
  step: number;
  byKeyboard: boolean;
  /** Pixels from the chart's left edge. */
  x: number;
}

const TIP_PX = 330;

/** Whether the plan has anything to decide; without, it is only a forecast. */
function decides({ devices, reasons }: PlanMessage): boolean {
  return reasons.length > 0 || Object.values(devices).some(({ kind }) => kind !== "solar");
}

/** The plan as one chart, with its reasons and what gave way. */
export class PlanCard extends CemCard<PlanMessage | null> {
  protected override readonly size = 20;

  static override styles = [...CemCard.styles, planCardStyles];

  @state() private hiddenIds: ReadonlySet<string> = new Set();
  @state() private cursor?: Cursor;
  @state() private now = Date.now();
  @state() private draft?: Draft;
  @state() private said?: { text: string; wishId: string };
  @state() private failed?: string;

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
    const said = { now: this.now, format: this.format, localize: this.localize };
    return html`${planHeader(plan, table, said)} ${planNotice(plan, table, said)}
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
          .departures=${this.departures(plan, table)}
          @depart=${(event: CustomEvent<{ device: string; at: number }>) =>
            this.wishFor(table, event.detail.device, { what: "depart", start: event.detail.at })}
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
      ${decides(plan) ? this.choices(plan, table) : nothing}
      <cem-plan-data-table
        .table=${table}
        .format=${this.format}
        .localize=${this.localize}
      ></cem-plan-data-table>`;
  }

  private choices(plan: PlanMessage, table: PlanTable): TemplateResult {
    return html`${this.wishes(plan, table)}
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
      @ask=${(event: CustomEvent<PlanReason>) => this.askAbout(table, event.detail)}
    ></cem-plan-reasons>`;
  }

  private wishes(plan: PlanMessage, table: PlanTable): TemplateResult {
    const { localize, draft } = this;
    // Once the plan has it, it is in the list.
    const said = plan.wishes?.some((wish) => wish.wish_id === this.said?.wishId) ? undefined : this.said;
    const first = table.rows.find(({ kind }) => kind !== "solar") ?? table.rows[0];
    return html`<div class="wishes">
      <cem-wish-list
        .wishes=${plan.wishes ?? []}
        .cost=${plan.wishes_cost ?? 0}
        .mayAct=${this.mayAct}
        .currency=${plan.currency}
        .format=${this.format}
        .localize=${localize}
        @undo=${(event: CustomEvent<string>) => void this.undo(event.detail)}
      ></cem-wish-list>
      ${said
        ? html`<div class="said" role="status">
            ${icon("check", 20)}<span>${localize("wish.kept")}</span>
            <button class="pill" @click=${() => void this.undo(said.wishId)}>${localize("wish.undo")}</button>
          </div>`
        : nothing}
      ${this.failed ? html`<p class="failed" role="alert">${this.failed}</p>` : nothing}
      ${draft
        ? html`<cem-wish-panel
            .hass=${this.hass}
            .entryId=${this.subscription?.entryId ?? ""}
            .rows=${table.rows}
            .draft=${draft}
            .format=${this.format}
            .localize=${localize}
            @draft=${(event: CustomEvent<Draft>) => (this.draft = event.detail)}
            @close=${() => (this.draft = undefined)}
            @kept=${(event: CustomEvent<{ text: string; wishId: string }>) => {
              this.said = event.detail;
              this.draft = undefined;
            }}
          ></cem-wish-panel>`
        : this.mayAct && first && plan.status !== "rule"
          ? html`<button class="pill" @click=${() => this.wishFor(table, first.id)}>
              ${localize("wish.make")}
            </button>`
          : nothing}
    </div>`;
  }

  private departures(plan: PlanMessage, table: PlanTable): Departure[] {
    const [from = 0, to = 0] = [this.now, table.edges[table.steps]];
    return Object.entries(plan.departures ?? {})
      .map(([device, time]) => ({
        device,
        name: table.rows.find(({ id }) => id === device)?.name ?? device,
        at: new Date(time).getTime(),
      }))
      .filter(({ at }) => at > from && at <= to);
  }

  private wishFor(table: PlanTable, device: string, given: Partial<Draft> = {}): void {
    const row = table.rows.find(({ id }) => id === device);
    if (!row || !this.mayAct) return;
    this.draft = draftFor(device, row.kind, Date.now(), given);
    this.said = undefined;
    this.failed = undefined;
  }

  /** What if a block were not. */
  private askAbout(table: PlanTable, { device, start, end }: PlanReason): void {
    const begin = Math.max(new Date(start).getTime(), Date.now());
    const span = { start: begin, end: new Date(end).getTime() };
    this.wishFor(table, device, { what: "forbid", ...span });
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector("cem-wish-panel")?.scrollIntoView({ block: "center" }),
    );
  }

  private async undo(wishId: string): Promise<void> {
    if (!this.hass || !this.subscription) return;
    try {
      await endWish(this.hass.connection, this.subscription.entryId, wishId);
      this.failed = undefined;
    } catch (error: unknown) {
      this.failed = this.localize("device.failed", { error: errorText(error) });
    }
    this.said = undefined;
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
