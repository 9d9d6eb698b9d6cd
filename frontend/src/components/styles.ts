/** What all cards share: the theme's variables, with Home Assistant's defaults. */

import { css } from "lit";

export const base = css`
  :host {
    display: block;
    --text: var(--primary-text-color, #141414);
    --soft: var(--secondary-text-color, #5e5e5e);
    --line: var(--divider-color, rgba(0, 0, 0, 0.12));
    --surface: var(--card-background-color, #fff);
    --fill: color-mix(in srgb, var(--text) 7%, transparent);
    --accent: var(--primary-color, #009ac7);
    --text-on-accent: var(--text-primary-color, #fff);
    --warn: var(--warning-color, #ffa600);
    --bad: var(--error-color, #db4437);
    --good: var(--success-color, #43a047);
    color: var(--text);
    font-size: 14px;
    line-height: 1.4;
    -webkit-font-smoothing: antialiased;
  }
  ha-card {
    display: flex;
    flex-direction: column;
    box-sizing: border-box;
    height: 100%;
    padding: 16px;
    gap: 12px;
    container-type: inline-size;
  }
  h2 {
    margin: 0;
    font-size: 16px;
    font-weight: 500;
    line-height: 24px;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
  }
  .soft {
    color: var(--soft);
    font-size: 13px;
  }
  .num {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    /* A number and its unit stay in order in a page from right to left. */
    unicode-bidi: plaintext;
  }
  .icon {
    flex: none;
    display: block;
  }
  .empty {
    margin: 0;
    color: var(--soft);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    border: 0;
    background: none;
    padding: 0;
    cursor: pointer;
    touch-action: manipulation;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .pill {
    min-height: 36px;
    padding: 0 16px;
    border-radius: 18px;
    font-size: 13px;
    font-weight: 500;
    box-shadow: inset 0 0 0 1.5px var(--accent);
  }
  .pill.chosen {
    background: var(--accent);
    color: var(--text-on-accent);
    box-shadow: none;
  }
  .segments {
    display: flex;
    padding: 3px;
    gap: 2px;
    border-radius: 10px;
    background: var(--fill);
  }
  .segments button {
    flex: 1 1 auto;
    min-height: 32px;
    min-width: 0;
    padding: 0 min(12px, 2.6cqw);
    border-radius: 8px;
    color: var(--soft);
    font-size: 13px;
    white-space: nowrap;
  }
  .segments button[aria-checked="true"] {
    background: var(--surface);
    color: var(--text);
    font-weight: 500;
    box-shadow: 0 1px 2px rgba(0, 0, 0, 0.18), 0 0 0 1px var(--line);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 1px 8px;
    border-radius: 10px;
    background: var(--fill);
    font-size: 12px;
    line-height: 18px;
    white-space: nowrap;
    unicode-bidi: plaintext;
  }
`;
