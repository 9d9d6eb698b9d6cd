/** The part of Home Assistant's `hass` object that the cards use. */

export interface Connection {
  readonly connected: boolean;
  subscribeMessage<Event>(
    callback: (event: Event) => void,
    message: { type: string } & Record<string, unknown>,
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  sendMessagePromise<Result>(
    message: { type: string } & Record<string, unknown>,
  ): Promise<Result>;
  addEventListener(type: "ready" | "disconnected", listener: () => void): void;
  removeEventListener(type: "ready" | "disconnected", listener: () => void): void;
}

export interface Locale {
  language: string;
  number_format: string;
  time_format: string;
}

export interface Hass {
  connection: Connection;
  language: string;
  locale: Locale;
  config: { time_zone: string; currency: string; language?: string };
  user?: { is_admin: boolean };
  themes?: unknown;
  selectedTheme?: unknown;
  callService(
    domain: string,
    service: string,
    data?: Record<string, unknown>,
    target?: { entity_id: string },
  ): Promise<unknown>;
}

/** Home Assistant's errors are plain objects with a code and a message. */
export function errorText(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) {
    return String(error.message);
  }
  return String(error);
}
