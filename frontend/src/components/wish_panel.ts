/** Where a wish is made: its price is told before it is confirmed. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { errorText, type Hass } from "../data/hass";
import type { PlanRow } from "../data/plan_table";
import { type Preview, previewWish, setWish, type What } from "../data/wish";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { define } from "./define";
import { base } from "./styles";
import { clocks, type Draft, draftFor, hasEnd, WHAT, wishOf, withClock } from "./wish_form";

const SETTLES_MS = 350;

export class WishPanel extends LitElement {
  @property({ attribute: false }) hass!: Hass;
  @property({ attribute: false }) entryId = "";
  @property({ attribute: false }) rows: PlanRow[] = [];
  @property({ attribute: false }) draft!: Draft;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  @state() private preview?: Preview;
  @state() private failed?: string;
  @state() private busy: "asking" | "sending" | null = null;

  private asked = 0;
  private settles: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    base,
    css`
      form {
        display: grid;
        gap: 12px;
        padding: 14px;
        border-radius: 12px;
        background: var(--fill);
      }
      .fields {
        display: flex;
        flex-wrap: wrap;
        gap: 10px 14px;
        align-items: end;
      }
      label {
        display: grid;
        gap: 3px;
        font-size: 13px;
        color: color-mix(in srgb, var(--text) 78%, transparent);
      }
      select,
      input {
        font: inherit;
        font-size: 16px;
        color: var(--text);
        background: var(--surface);
        border: 1px solid color-mix(in srgb, var(--text) 45%, transparent);
        border-radius: 8px;
        min-height: 40px;
        padding: 0 10px;
        box-sizing: border-box;
        max-width: 100%;
      }
      input[type="number"] {
        width: 110px;
      }
      .answer {
        display: grid;
        gap: 4px;
        min-height: 44px;
        align-content: center;
      }
      .answer b {
        font-size: 16px;
        font-weight: 500;
      }
      .answer ul {
        margin: 0;
        padding-inline-start: 18px;
        font-size: 13px;
      }
      .answer p {
        margin: 0;
      }
      .failed {
        color: color-mix(in srgb, var(--bad) 80%, var(--text));
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .kept {
        background: var(--text);
        color: var(--surface);
        box-shadow: none;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.settles);
    this.asked += 1;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("draft")) this.askSoon();
  }

  protected override render(): TemplateResult {
    const { localize, draft } = this;
    return html`<form aria-label=${localize("wish.title")} @submit=${this.submit}>
      <div class="fields">
        <label
          >${localize("wish.device")}
          <select name="device" @change=${this.chooseDevice}>
            ${this.rows.map(
              ({ id, name }) => html`<option value=${id} ?selected=${id === draft.device}>${name}</option>`,
            )}
          </select></label
        >
        <label
          >${localize("wish.what")}
          <select name="what" @change=${this.chooseWhat}>
            ${WHAT[draft.kind].map(
              (what) => html`<option value=${what} ?selected=${what === draft.what}
                >${localize(`wish.what.${what}`)}</option
              >`,
            )}
          </select></label
        >
        ${this.times()}
        ${draft.what === "force"
          ? html`<label
              >${localize(draft.kind === "battery" ? "wish.power_signed" : "wish.power")}
              <input
                type="number"
                name="power"
                step="100"
                .value=${String(draft.powerW)}
                @change=${(event: Event) =>
                  this.change({ powerW: Math.round(Number((event.target as HTMLInputElement).value)) })}
            /></label>`
          : nothing}
      </div>
      <div class="answer" role="status" aria-live="polite">${this.answer()}</div>
      <div class="actions">
        <button class="pill kept" type="submit" ?disabled=${!this.preview || this.busy !== null}>
          ${localize("wish.confirm")}
        </button>
        <button class="pill" type="button" @click=${() => this.tell("close")}>
          ${localize("wish.cancel")}
        </button>
      </div>
    </form>`;
  }

  private times(): TemplateResult {
    const { draft, localize, format } = this;
    const { start, end } = clocks(draft, format);
    const input = (field: "start" | "end", value: string, text: string) =>
      html`<label
        >${text}
        <input
          type="time"
          name=${field}
          step="900"
          .value=${value}
          @change=${(event: Event) => {
            const clock = (event.target as HTMLInputElement).value;
            this.change(withClock(draft, field, clock, Date.now(), format));
          }}
      /></label>`;
    return html`${input("start", start, localize(draft.what === "depart" ? "wish.by" : "wish.from"))}
    ${hasEnd(draft) ? input("end", end, localize("wish.until")) : nothing}`;
  }

  private answer(): TemplateResult {
    const { localize, preview } = this;
    if (this.failed) return html`<p class="failed">${this.failed}</p>`;
    if (!preview) return html`<p>${localize("wish.asking")}</p>`;
    const moved = preview.moved.slice(0, 3);
    return html`<b>${preview.text}</b>
      ${moved.length
        ? html`<p class="soft">${localize("wish.moves")}</p>
            <ul>${moved.map(({ text }) => html`<li>${text}</li>`)}</ul>`
        : nothing}
      ${preview.replaces.length ? html`<p>${localize("wish.replaces")}</p>` : nothing}`;
  }

  private readonly chooseDevice = (event: Event): void => {
    const row = this.rows.find(({ id }) => id === (event.target as HTMLSelectElement).value);
    if (row) this.tell("draft", draftFor(row.id, row.kind, Date.now(), { start: this.draft.start }));
  };

  private readonly chooseWhat = (event: Event): void => {
    this.change({ what: (event.target as HTMLSelectElement).value as What });
  };

  private change(part: Partial<Draft>): void {
    this.tell("draft", { ...this.draft, ...part });
  }

  private tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  private askSoon(): void {
    clearTimeout(this.settles);
    this.preview = undefined;
    this.failed = undefined;
    this.busy = "asking";
    const number = (this.asked += 1);
    this.settles = setTimeout(() => void this.ask(number), SETTLES_MS);
  }

  private async ask(number: number): Promise<void> {
    try {
      const { hass, entryId, draft } = this;
      const preview = await previewWish(hass.connection, entryId, wishOf(draft));
      if (number === this.asked) this.preview = preview;
    } catch (error: unknown) {
      if (number === this.asked) this.failed = errorText(error);
    }
    if (number === this.asked) this.busy = null;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!this.preview || this.busy) return;
    this.busy = "sending";
    try {
      const { hass, entryId, draft } = this;
      const { wish_id } = await setWish(hass.connection, entryId, wishOf(draft));
      this.tell("kept", { wishId: wish_id, text: this.preview.text });
    } catch (error: unknown) {
      this.failed = this.localize("device.failed", { error: errorText(error) });
    }
    this.busy = null;
  };
}

define("cem-wish-panel", WishPanel);
