/** The wishes that the plan is made with, each with its undo. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import type { KeptWish } from "../data/wish";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { define } from "./define";
import { icon } from "./icons";
import { base } from "./styles";

export class WishList extends LitElement {
  @property({ attribute: false }) mayAct = true;
  @property({ attribute: false }) wishes: KeptWish[] = [];
  @property({ attribute: false }) cost = 0;
  @property({ attribute: false }) currency = "EUR";
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;

  static override styles = [
    base,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 6px;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
      }
      li span {
        flex: 1 1 220px;
      }
      .not {
        color: color-mix(in srgb, var(--bad) 80%, var(--text));
      }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    if (!this.wishes.length) return nothing;
    const cost = Math.abs(this.cost) >= 0.005;
    return html`<ul aria-label=${this.localize("wish.list")}>
        ${this.wishes.map(
          ({ wish_id: id, text, kept }) => html`<li class=${kept ? "" : "not"}>
            ${icon(kept ? "hand" : "warning", 20)}<span>${text}</span>
            ${this.mayAct
              ? html`<button class="pill" @click=${() => this.undo(id)}>${this.localize("wish.undo")}</button>`
              : nothing}
          </li>`,
        )}
      </ul>
      ${cost
        ? html`<span class="soft">${this.localize("wish.cost", {
            cost: this.format.money(this.cost, this.currency),
          })}</span>`
        : nothing}`;
  }

  private undo(id: string): void {
    this.dispatchEvent(new CustomEvent("undo", { detail: id }));
  }
}

define("cem-wish-list", WishList);
