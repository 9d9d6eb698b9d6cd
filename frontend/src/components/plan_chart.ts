/** The plan's one chart, with a cursor for pointer and keyboard. */

import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";

import { type PlanTable, stepAt } from "../data/plan_table";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { hourTicks } from "./axis";
import { type ChartLayout, chartLayout, type LaneBox, xShare, yOf } from "./chart_layout";
import { chartOption } from "./chart_option";
import { resolved } from "./colors";
import { define } from "./define";
import "./departure_handles";
import type { Departure } from "./departure_handles";
import { chartStyles } from "./plan_chart_styles";
import type { PlanSeries } from "./plan_series";
import { base } from "./styles";

use([LineChart, GridComponent, SVGRenderer]);

const NARROW_PX = 600;
const PAGE_MS = 3 * 3_600_000;
const NOW_LABEL_PX = 40;

export class PlanChart extends LitElement {
  @property({ attribute: false }) table!: PlanTable;
  @property({ attribute: false }) series: PlanSeries[] = [];
  @property({ attribute: false }) hiddenIds: ReadonlySet<string> = new Set();
  @property({ attribute: false }) cursor: number | undefined;
  @property({ attribute: false }) now = 0;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  /** Changes when the theme does: colours are looked up anew. */
  @property({ attribute: false }) theme: unknown;
  @property({ attribute: false }) departures: Departure[] = [];
  @state() private width = 0;

  private chart: EChartsType | undefined;
  private plan!: ChartLayout;
  private readonly sized = new ResizeObserver((entries) => {
    const width = Math.floor(entries[0]?.contentRect.width ?? 0);
    if (width > 0) this.width = width;
  });

  static override styles = [base, chartStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.sized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sized.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
  }

  private get narrow(): boolean {
    return this.width < NARROW_PX;
  }

  private get shown(): PlanSeries[] {
    return this.series.filter((one) => !this.hiddenIds.has(one.id));
  }

  protected override willUpdate(): void {
    this.plan = chartLayout(this.series, this.shown, this.table, this.narrow);
  }

  protected override updated(changed: PropertyValues): void {
    const redraw = ["table", "series", "hiddenIds", "format", "theme", "width", "now"];
    if (this.width && (!this.chart || redraw.some((name) => changed.has(name)))) this.draw();
  }

  private draw(): void {
    const host = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (!host) return;
    const size = { width: this.width, height: this.plan.height };
    this.chart ??= init(host, undefined, { renderer: "svg", ...size });
    this.chart.resize(size);
    const style = getComputedStyle(this);
    const span = (this.table.edges[this.table.steps] ?? 0) - (this.table.edges[0] ?? 0);
    const look = {
      color: (color: string) => resolved(this, color),
      text: resolved(this, "var(--primary-text-color, #141414)"),
      soft: resolved(this, "var(--secondary-text-color, #5e5e5e)"),
      line: resolved(this, "var(--divider-color, rgba(0, 0, 0, 0.12))"),
      font: style.fontFamily,
      hours: tickHours(span, this.width),
      now: this.now,
      nowClearance: (span * NOW_LABEL_PX) / this.width,
    };
    this.chart.setOption(chartOption(this.table, this.shown, this.plan, look, this.format), {
      notMerge: true,
    });
  }

  protected override render(): TemplateResult {
    return html`<div
      class="frame"
      role="application"
      tabindex="0"
      aria-label=${this.localize("plan.chart")}
      aria-describedby="help"
      style="height:${this.plan.height}px"
      @keydown=${this.key}
      @pointermove=${this.point}
      @pointerdown=${this.point}
      @pointerleave=${this.leave}
    >
      <div class="plot" aria-hidden="true"></div>
      ${this.width ? this.overlay() : nothing}
      ${this.width && this.departures.length
        ? html`<cem-departure-handles
            .departures=${this.departures}
            .x=${(at: number) => this.x(at)}
            .at=${(x: number) => this.timeAt(x)}
            .span=${[this.table.edges[0] ?? 0, this.table.edges[this.table.steps] ?? 0]}
            .format=${this.format}
            .localize=${this.localize}
            @take=${() => this.move(undefined)}
            @depart=${(event: CustomEvent) =>
              this.dispatchEvent(new CustomEvent("depart", { detail: event.detail }))}
          ></cem-departure-handles>`
        : nothing}
      <span id="help" class="hidden">${this.localize("plan.chart_help")}</span>
    </div>`;
  }

  private overlay(): TemplateResult {
    const boxes = this.plan.boxes;
    return html`<div class="overlay" aria-hidden="true">
      ${boxes.map((box) => this.laneTitle(box))} ${this.midnights()} ${this.limitLabels()}
      ${this.nowLine()} ${this.cursorBand()}
    </div>`;
  }

  private laneTitle(box: LaneBox): TemplateResult {
    const [first, second] = box.lanes.map((lane) =>
      this.localize(`plan.lane.${lane}`, { currency: this.format.symbol(this.table.currency) }),
    );
    const power = box.lanes[0] === "power";
    return html`<div class="title" style="top:${box.top - 22}px">
      <span>${first}</span>
      ${power
        ? html`<span>↑ ${this.localize("plan.lane.power_up")}&ensp;↓ ${this.localize("plan.lane.power_down")}</span>`
        : html`<span>${second ?? nothing}</span>`}
    </div>`;
  }

  /** Pixels from the left at which `at` lies. */
  x(at: number): number {
    const inner = this.width - this.plan.left - this.plan.right;
    return this.plan.left + xShare(this.table, at) * inner;
  }

  /** The time that lies `x` pixels from the left. */
  private timeAt(x: number): number {
    const inner = this.width - this.plan.left - this.plan.right;
    const [start = 0, end = start] = [this.table.edges[0], this.table.edges.at(-1)];
    return start + ((x - this.plan.left) / inner) * (end - start);
  }

  /** The same mark in each lane, clear of the lanes' titles. */
  private inLanes(kind: string, from: number, to = from): TemplateResult[] {
    return this.plan.boxes.map(({ top, height }) => {
      const place = { top, height, left: from, width: Math.max(0, to - from) };
      return html`<div class=${kind} style=${styleMap(pixels(place))}></div>`;
    });
  }

  private midnights(): TemplateResult[] {
    const { edges, steps } = this.table;
    return hourTicks(edges[0] ?? 0, edges[steps] ?? 0, 24, this.format)
      .filter((at) => at > (edges[0] ?? 0) && at < (edges[steps] ?? 0))
      .flatMap((at) => this.inLanes("midnight", this.x(at)));
  }

  private nowLine(): TemplateResult | typeof nothing {
    if (stepAt(this.table, this.now) === undefined) return nothing;
    const x = this.x(this.now);
    return html`${this.inLanes("now", x)}
      <div class="now-label" style="left:${x}px">${this.localize("plan.now")}</div>`;
  }

  private cursorBand(): TemplateResult[] {
    if (this.cursor === undefined) return [];
    const from = this.x(this.table.edges[this.cursor] ?? 0);
    const to = this.x(this.table.edges[this.cursor + 1] ?? 0);
    return this.inLanes("cursor", from, Math.max(from + 3, to));
  }

  private limitLabels(): TemplateResult[] {
    const box = this.plan.boxes.find(({ lanes }) => lanes[0] === "power");
    const axis = box?.axes[0];
    if (!box || !axis) return [];
    const labels = new Map<string, TemplateResult>();
    for (const one of this.shown.filter(({ style }) => style === "limit")) {
      const first = one.values.findIndex((value) => value !== null);
      const last = one.values.findLastIndex((value) => value !== null);
      const value = one.values[first];
      if (value === undefined || value === null || value > axis.max || value < axis.min) continue;
      const from = this.x(this.table.edges[first] ?? 0);
      const to = this.x(this.table.edges[last + 1] ?? 0);
      // A long line is named at its end: the now-line is at the other one.
      const side = to - from > 240 ? { right: this.width - to } : { left: from + 4 };
      const y = yOf(box, value);
      const place = { ...side, top: value < 0 || y < box.top + 18 ? y + 3 : y - 18 };
      const text = `${one.name} ${this.format.power(Math.abs(value) * 1000)}`;
      labels.set(
        `${text} ${first}`,
        html`<div class="limit" style=${styleMap(pixels(place))}>${text}</div>`,
      );
    }
    return [...labels.values()];
  }

  private point(event: PointerEvent): void {
    const frame = event.currentTarget as HTMLElement;
    const x = event.clientX - frame.getBoundingClientRect().left;
    const step = stepAt(this.table, this.timeAt(x));
    if (step !== undefined) this.move(step);
  }

  private leave(event: PointerEvent): void {
    if (event.pointerType === "mouse") this.move(undefined);
  }

  private key(event: KeyboardEvent): void {
    const last = this.table.steps - 1;
    const at = this.cursor ?? stepAt(this.table, this.now) ?? 0;
    const page = (ms: number) => {
      const step = stepAt(this.table, (this.table.edges[at] ?? 0) + ms);
      return step === at ? at + Math.sign(ms) : (step ?? (ms < 0 ? 0 : last));
    };
    const target: Record<string, number | undefined> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: page(-PAGE_MS),
      PageDown: page(PAGE_MS),
      Home: 0,
      End: last,
      Escape: undefined,
    };
    if (!(event.key in target)) return;
    event.preventDefault();
    const step = target[event.key];
    this.move(step === undefined ? undefined : Math.min(last, Math.max(0, step)), true);
  }

  private move(step: number | undefined, byKeyboard = false): void {
    if (step === this.cursor) return;
    const x = step === undefined ? 0 : this.x(this.table.edges[step] ?? 0);
    this.dispatchEvent(new CustomEvent("cursor", { detail: { step, byKeyboard, x } }));
  }
}

function pixels(place: Partial<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(place).map(([key, value]) => [key, `${value}px`]));
}

function tickHours(spanMs: number, width: number): number {
  const wanted = (spanMs / 3_600_000) * (52 / Math.max(1, width));
  return [1, 2, 3, 6, 12].find((hours) => hours >= wanted) ?? 24;
}

define("cem-plan-chart", PlanChart);

declare global {
  interface HTMLElementTagNameMap {
    "cem-plan-chart": PlanChart;
  }
}
