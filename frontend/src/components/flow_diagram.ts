/** The live power flow: who feeds the house and who is fed. */

import { css, html, LitElement, nothing, svg, type SVGTemplateResult } from "lit";
import { property } from "lit/decorators.js";

import type { Live, Quality } from "../data/live";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { COLOR } from "./colors";
import { define } from "./define";
import { flowLayout, flowPath, type FlowNode } from "./flow_layout";
import { iconStrokes } from "./icons";
import { markSign, markWord } from "./mark";

/** Thicker lines for more power, in steps so that they do not quiver. */
function lineWidth(powerW: number): number {
  return powerW < 500 ? 4 : powerW < 2000 ? 5 : powerW < 5000 ? 6 : 7;
}

function secondsPerDash(powerW: number): number {
  return powerW < 500 ? 2.4 : powerW < 2000 ? 1.6 : powerW < 5000 ? 1.1 : 0.8;
}

export class FlowDiagram extends LitElement {
  @property({ attribute: false }) live!: Live;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  @property({ type: Boolean, reflect: true }) still = false;

  static override styles = css`
    :host {
      display: block;
    }
    svg {
      display: block;
      width: 100%;
      max-width: 480px;
      margin: 0 auto;
      overflow: visible;
      /* Words stand beside and below what is drawn, which has no other side. */
      direction: ltr;
    }
    text {
      fill: var(--text);
      font-size: 13px;
      text-anchor: middle;
    }
    .value {
      font-size: 14.5px;
      font-weight: 500;
      font-variant-numeric: tabular-nums;
    }
    .mark,
    :host([still]) .value {
      fill: var(--soft);
    }
    .word {
      fill: var(--soft);
      font-size: 12px;
    }
    .start {
      text-anchor: start;
    }
    .rim {
      fill: var(--surface);
      stroke-width: 2;
    }
    .house .rim {
      fill: color-mix(in srgb, var(--soft) 10%, var(--surface));
      stroke-width: 0;
    }
    .glow {
      opacity: 0.12;
    }
    .track {
      fill: none;
      stroke-width: 2;
      stroke-linecap: round;
    }
    .dots {
      fill: none;
      stroke-linecap: round;
      stroke-dasharray: 0.1 17.9;
      animation: travel linear infinite;
    }
    .out {
      animation-direction: reverse;
    }
    .arrow {
      display: none;
      fill: none;
      stroke-width: 2.5;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    :host([still]) .dots {
      display: none;
    }
    :host([still]) .arrow {
      display: block;
    }
    @keyframes travel {
      from {
        stroke-dashoffset: 18;
      }
      to {
        stroke-dashoffset: 0;
      }
    }
    @media (prefers-reduced-motion: reduce) {
      .dots {
        display: none;
      }
      .arrow {
        display: block;
      }
    }
  `;

  protected override render() {
    const layout = flowLayout(this.live);
    const all = [layout.house, ...layout.nodes];
    const parts = all.map((node) => `${this.name(node)} ${this.saying(node)}`);
    return html`<svg viewBox="0 ${layout.top} ${layout.width} ${layout.height}" role="img"
      aria-label=${this.localize("flow.summary", { parts: parts.join(", ") })}>
      ${layout.nodes.map((node) => this.line(node, layout.house))}
      ${layout.nodes.map((node) => this.node(node))}
      ${this.house(layout.house)}
    </svg>`;
  }

  private name(node: FlowNode): string {
    if (typeof node.name === "string") return node.name;
    const count = node.name ?? 0;
    if (node.id === "batteries") return this.localize("flow.batteries", { count });
    if (node.id === "others") return this.localize("flow.others", { count });
    const kind = node.kind === "house" || node.kind === "grid" ? node.kind : "solar";
    return this.localize(`flow.${kind}`);
  }

  private saying(node: FlowNode): string {
    const word = this.localize(`word.${node.word}`);
    const silent = node.powerW === null || node.word === "idle" || node.word === "unplugged";
    if (silent) return word;
    const how = markWord(this.quality(node), this.localize);
    const said = `${word} ${this.format.power(Math.abs(node.powerW ?? 0))}`;
    return how === undefined ? said : `${said} (${how})`;
  }

  private quality(node: FlowNode): Quality | null {
    if (node.kind === "house") return this.live.quality?.load_power_w ?? null;
    if (node.kind === "grid") return this.live.quality?.grid_power_w ?? null;
    return null;
  }

  private value(node: FlowNode, y: number): SVGTemplateResult {
    const value = node.powerW === null ? "–" : this.format.power(Math.abs(node.powerW));
    const quality = node.powerW === null ? null : this.quality(node);
    const sign = markSign(quality);
    return svg`<text class="value" x=${node.x} y=${y}>${value}${
      sign === undefined
        ? nothing
        : svg`<tspan class="mark" dx="3">${sign}</tspan><title>${markWord(quality, this.localize)}</title>`
    }</text>`;
  }

  private color(node: FlowNode): string {
    if (node.kind === "grid") return node.inflowW < 0 ? COLOR.export : COLOR.grid;
    return COLOR[node.kind];
  }

  private line(node: FlowNode, house: FlowNode): SVGTemplateResult {
    const { d, middle } = flowPath(node, house);
    const power = Math.abs(node.inflowW);
    const color = power ? this.color(node) : "var(--line)";
    const turned = node.inflowW < 0 ? middle.angle + 180 : middle.angle;
    return svg`<path class="track" d=${d} stroke=${color} opacity=${power ? 0.35 : 1}></path>
      ${power === 0 ? nothing : svg`
        <path class="dots ${node.inflowW < 0 ? "out" : ""}" d=${d} stroke=${color}
          stroke-width=${lineWidth(power)}
          style="animation-duration:${secondsPerDash(power)}s"></path>
        <path class="arrow" d="M-3.5 -6 3.5 0 -3.5 6" stroke=${color}
          transform="translate(${middle.x.toFixed(1)} ${middle.y.toFixed(1)}) rotate(${turned.toFixed(1)})"></path>`}`;
  }

  private node(node: FlowNode): SVGTemplateResult {
    const { x, y, radius, stateOfCharge: share } = node;
    const color = this.color(node);
    const idle = node.inflowW === 0;
    const up = share === null ? 0 : 6;
    // A ring that shows the state of charge is the rim itself.
    const rim = share !== null ? "none" : idle ? "var(--line)" : color;
    return svg`<g class="node ${node.kind}">
      <circle class="rim" cx=${x} cy=${y} r=${radius} stroke=${rim}></circle>
      <circle class="glow" cx=${x} cy=${y} r=${radius - 1} fill=${idle ? "none" : color}></circle>
      ${share === null ? nothing : this.charge(node, share, color)}
      <g transform="translate(${x - 10} ${y - 24 - up}) scale(0.833)" style="color:${idle ? "var(--soft)" : color}">${iconStrokes(node.kind)}</g>
      ${this.value(node, y + 15 - up)}
      ${share === null ? nothing : svg`<text class="word" x=${x} y=${y + 23}>${this.format.percent(share)}</text>`}
      ${this.label(node)}
    </g>`;
  }

  /** The state of charge as a ring around the node, from twelve o'clock. */
  private charge(node: FlowNode, share: number, color: string): SVGTemplateResult {
    const radius = node.radius;
    const length = 2 * Math.PI * radius;
    return svg`<circle cx=${node.x} cy=${node.y} r=${radius} fill="none" stroke="var(--line)" stroke-width="3.5"></circle>
      <circle cx=${node.x} cy=${node.y} r=${radius} fill="none" stroke=${color}
        stroke-width="3.5" stroke-dasharray="${length * share} ${length}"
        transform="rotate(-90 ${node.x} ${node.y})"></circle>`;
  }

  /** Beside the sun, above the two at the sides, below the rest: clear of all lines. */
  private label(node: FlowNode): SVGTemplateResult {
    const { x, y, radius, kind } = node;
    const word = this.localize(`word.${node.word}`);
    if (kind === "solar") {
      return svg`<text class="start" x=${x + radius + 10} y=${y - 2}>${this.name(node)}</text>
        <text class="word start" x=${x + radius + 10} y=${y + 14}>${word}</text>`;
    }
    const below = y > 200;
    const top = below ? y + radius + 18 : y - radius - 26;
    const most = below ? 15 : 16;
    const name = this.name(node);
    const short = name.length > most ? `${name.slice(0, most - 1).trimEnd()}…` : name;
    return svg`<text x=${x} y=${top}>${short}<title>${name}</title></text>
      <text class="word" x=${x} y=${top + 16}>${word}</text>`;
  }

  private house(node: FlowNode): SVGTemplateResult {
    const { x, y, radius } = node;
    return svg`<g class="house">
      <circle class="rim" cx=${x} cy=${y} r=${radius}></circle>
      <g transform="translate(${x - 11} ${y - 33}) scale(0.917)" style="color:var(--soft)">${iconStrokes("house")}</g>
      ${this.value(node, y + 7)}
      <text class="word" x=${x} y=${y + 23}>${this.name(node)}</text>
    </g>`;
  }
}

define("cem-flow-diagram", FlowDiagram);
