import { css } from "lit";

export const planCardStyles = css`
  :host([layout="panel"]) {
    max-width: 1440px;
    margin: 0 auto;
    padding: 8px;
  }
  /* The panel view takes these away; with air around it the card needs them. */
  :host([layout="panel"]) ha-card {
    border: 1px solid var(--ha-card-border-color, var(--line));
    border-radius: 12px;
  }
  ha-card {
    height: auto;
    gap: 16px;
  }
  .heading {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
  }
  .cost {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 10px;
    white-space: normal;
  }
  .whole {
    white-space: nowrap;
  }
  .cost b {
    font-weight: 500;
    font-size: 16px;
  }
  .wishes {
    display: grid;
    gap: 10px;
    justify-items: start;
  }
  .wishes > cem-wish-panel,
  .wishes > cem-wish-list {
    justify-self: stretch;
  }
  .said {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
  }
  .chip.strong {
    font-weight: 600;
    background: color-mix(in srgb, var(--warn) 25%, var(--surface));
  }
  .chart {
    position: relative;
  }
  .tip {
    position: absolute;
    top: 24px;
    box-sizing: border-box;
    padding: 10px 12px;
    border-radius: 10px;
    background: var(--surface);
    box-shadow: 0 0 0 1px var(--line), 0 6px 20px rgba(0, 0, 0, 0.22);
    pointer-events: none;
    z-index: 1;
  }
  .docked {
    display: none;
    padding: 10px 12px;
    border-radius: 10px;
    background: var(--fill);
  }
  .notice {
    display: flex;
    gap: 12px;
    padding: 10px 14px;
    border-radius: 8px;
    border-inline-start: 4px solid var(--warn);
    background: color-mix(in srgb, var(--warn) 16%, var(--surface));
  }
  .notice p {
    margin: 0;
  }
  .notice ul {
    margin: 4px 0 0;
    padding-inline-start: 18px;
  }
  .nothing {
    display: grid;
    justify-items: center;
    gap: 8px;
    padding: 56px 16px;
    text-align: center;
    color: var(--soft);
  }
  .nothing b {
    color: var(--text);
    font-weight: 500;
    font-size: 16px;
  }
  .nothing p {
    max-width: 44ch;
  }
  @container (max-width: 632px) {
    .tip {
      display: none;
    }
    .docked {
      display: block;
    }
  }
`;
