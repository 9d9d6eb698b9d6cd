import { css } from "lit";

export const chartStyles = css`
  .frame {
    position: relative;
    direction: ltr; /* time runs to the right in every language */
    border-radius: 8px;
    touch-action: pan-y;
    cursor: crosshair;
    user-select: none;
    -webkit-user-select: none;
  }
  .frame:focus-visible {
    outline-offset: 6px;
  }
  .plot,
  .overlay {
    position: absolute;
    inset: 0;
  }
  .overlay {
    pointer-events: none;
    font-size: 12px;
    line-height: 16px;
  }
  .overlay > * {
    position: absolute;
  }
  .title {
    left: 0;
    right: 0;
    display: flex;
    justify-content: space-between;
    color: var(--soft);
    white-space: nowrap;
  }
  .midnight {
    border-left: 1px dashed var(--line);
  }
  .now {
    border-left: 2px solid var(--text);
    translate: -1px 0;
  }
  .now-label {
    bottom: 3px;
    translate: -50% 0;
    padding: 0 6px;
    border-radius: 8px;
    background: var(--text);
    color: var(--surface);
    font-size: 11px;
    font-weight: 500;
  }
  .cursor {
    border-radius: 2px;
    background: color-mix(in srgb, var(--text) 14%, transparent);
    box-shadow: inset 1px 0 0 color-mix(in srgb, var(--text) 40%, transparent),
      inset -1px 0 0 color-mix(in srgb, var(--text) 40%, transparent);
  }
  .limit {
    padding: 0 3px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--surface) 88%, transparent);
    color: color-mix(in srgb, var(--bad) 80%, var(--text));
    font-size: 11px;
    white-space: nowrap;
  }
`;
