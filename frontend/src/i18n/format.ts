/**
 * Numbers and times as the user set them in Home Assistant's profile, each
 * with its unit; clock times in the home's time zone, where its tariff lives.
 */

import type { Hass } from "../data/hass";

const NBSP = "\u00a0";

const NUMBER_LOCALES: Record<string, string[] | undefined> = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
  none: ["en-US"],
  system: undefined,
};

function numberLocale(hass: Pick<Hass, "locale">): string[] | string | undefined {
  const { number_format: format, language } = hass.locale;
  return format in NUMBER_LOCALES ? NUMBER_LOCALES[format] : language;
}

function hourCycle(hass: Pick<Hass, "locale">): "h12" | "h23" {
  const { time_format: format, language } = hass.locale;
  if (format === "12") return "h12";
  if (format === "24") return "h23";
  const sample = new Intl.DateTimeFormat(format === "system" ? undefined : language, {
    hour: "numeric",
  });
  return sample.resolvedOptions().hourCycle?.startsWith("h1") ? "h12" : "h23";
}

export class Format {
  private readonly numbers = new Map<string, Intl.NumberFormat>();
  private readonly clock: Intl.DateTimeFormat;
  private readonly fullHour: Intl.DateTimeFormat;
  private readonly weekday: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly daysOfYears: Intl.DateTimeFormat;
  private readonly parts: Intl.DateTimeFormat;
  private readonly locale: string[] | string | undefined;
  private readonly grouping: boolean;

  constructor(hass: Pick<Hass, "locale" | "config">) {
    const timeZone = hass.config.time_zone;
    const { language } = hass.locale;
    this.locale = numberLocale(hass);
    this.grouping = hass.locale.number_format !== "none";
    const cycle = hourCycle(hass);
    const hour = cycle === "h12" ? "numeric" : "2-digit";
    const minute = "2-digit";
    this.clock = new Intl.DateTimeFormat(language, { timeZone, hour, minute, hourCycle: cycle });
    this.fullHour =
      cycle === "h12" ? new Intl.DateTimeFormat(language, { timeZone, hour, hourCycle: cycle }) : this.clock;
    this.weekday = new Intl.DateTimeFormat(language, { timeZone, weekday: "short" });
    this.days = new Intl.DateTimeFormat(language, { timeZone, day: "numeric", month: "short" });
    this.daysOfYears = new Intl.DateTimeFormat(language, {
      timeZone,
      day: "numeric",
      month: "short",
      year: "numeric",
    });
    this.parts = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    });
  }

  number(value: number, decimals: number, style: Intl.NumberFormatOptions = {}): string {
    const key = JSON.stringify([decimals, style]);
    let format = this.numbers.get(key);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
        useGrouping: this.grouping,
        ...style,
      });
      this.numbers.set(key, format);
    }
    // No "-0": a rounded zero has no direction.
    return format.format(Number(value.toFixed(decimals)) === 0 ? 0 : value);
  }

  /** 840 W, 3.42 kW, 11.0 kW. */
  power(powerW: number): string {
    const size = Math.abs(Math.round(powerW));
    if (size < 1000) return `${this.number(Math.round(powerW), 0)}${NBSP}W`;
    return `${this.number(powerW / 1000, size < 9_995 ? 2 : 1)}${NBSP}kW`;
  }

  percent(share: number, decimals = 0): string {
    return `${this.number(share * 100, decimals)}${NBSP}%`;
  }

  temperature(celsius: number): string {
    return `${this.number(celsius, 1)}${NBSP}°C`;
  }

  energy(kwh: number): string {
    return `${this.number(kwh, kwh < 10 ? 2 : 1)}${NBSP}kWh`;
  }

  amount(amount: number, decimals: number, currency: string): string {
    return this.number(amount, decimals, { style: "currency", currency });
  }

  money(amount: number, currency: string): string {
    return this.amount(amount, 2, currency);
  }

  price(perKwh: number, currency: string): string {
    return `${this.amount(perKwh, 3, currency)}/kWh`;
  }

  /** What stands for the currency in an amount of it: €. */
  symbol(currency: string): string {
    const parts = new Intl.NumberFormat(this.locale, { style: "currency", currency }).formatToParts(0);
    return parts.find(({ type }) => type === "currency")?.value ?? currency;
  }

  time(at: Date | number | string): string {
    return this.clock.format(new Date(at));
  }

  /** A full hour, as short as it goes: 18:00 or 6 PM. */
  hour(at: Date | number): string {
    return this.fullHour.format(at);
  }

  day(at: Date | number | string): string {
    return this.weekday.format(new Date(at));
  }

  date(at: Date | number | string): string {
    return this.days.format(new Date(at));
  }

  /** With the weekday when it is not the day of `relativeTo`, a week away with the date. */
  dayTime(at: Date | number | string, relativeTo: number = Date.now()): string {
    const day = this.day(at);
    const days = Math.abs(new Date(at).getTime() - relativeTo) / 86_400_000;
    if (days > 180) return `${this.daysOfYears.format(new Date(at))} ${this.time(at)}`;
    if (days > 6) return `${this.date(at)} ${this.time(at)}`;
    return day === this.day(relativeTo) ? this.time(at) : `${day} ${this.time(at)}`;
  }

  range(start: Date | number | string, end: Date | number | string): string {
    return `${this.time(start)}–${this.time(end)}`;
  }

  /** 4:05 for 245 s. */
  countdown(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  /** Minutes since midnight in the home's time zone. */
  minuteOfDay(at: Date | number): number {
    let hour = 0;
    let minute = 0;
    for (const part of this.parts.formatToParts(at)) {
      if (part.type === "hour") hour = Number(part.value);
      if (part.type === "minute") minute = Number(part.value);
    }
    return hour * 60 + minute;
  }
}

/** 3 s, 12 min, 5 h: how old something is. */
export function age(
  seconds: number,
  localize: (key: "unit.seconds" | "unit.minutes" | "unit.hours", v: { n: string }) => string,
): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return localize("unit.seconds", { n: String(whole) });
  if (whole < 5400) return localize("unit.minutes", { n: String(Math.round(whole / 60)) });
  return localize("unit.hours", { n: String(Math.round(whole / 3600)) });
}
