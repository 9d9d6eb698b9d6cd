/** A `hass` that replays recorded events; `scene` bends them. */

import type { Connection, Hass } from "../src/data/hass";
import type { Action, Live } from "../src/data/live";
import type { PlanMessage } from "../src/data/plan";
import type { KeptWish } from "../src/data/wish";
import { answerTo } from "./answers";
import { BARE_HOMES, type BareHome, bareLive, barePlan } from "./homes";
import liveEvents from "./fixtures/live.json";
import meterMessage from "./fixtures/meter.json";
import recordedPlan from "./fixtures/plan.json";

export type Scene = "calm" | "limit" | "near" | "over" | "problems" | "stale" | "loading" | "none" | "rule" | "relaxed" | "infeasible" | "refused" | BareHome;

const FIRST = Date.parse((liveEvents as Live[])[0]?.time ?? "");

/** The page lives at the time of the recording. */
export function setClock(): void {
  const Real = Date;
  const shift = FIRST - Real.now();
  globalThis.Date = class extends Real {
    constructor(...given: []) {
      if (given.length) super(...given);
      else super(Real.now() + shift);
    }
    static override now(): number {
      return Real.now() + shift;
    }
  } as DateConstructor;
}

function bent(event: Live, scene: Scene): Live {
  const live = structuredClone(event);
  const order = live.limits.find((limit) => limit.source === "order");
  if (scene === "near" && order) Object.assign(order, { power_w: 4030, distance_w: 170, near: true });
  if (scene === "over" && order) Object.assign(order, { power_w: 4390, distance_w: -190, near: true });
  if (scene === "over" && live.quarter_hour) live.quarter_hour.projected_w = 8310;
  if (scene === "problems") {
    live.meter = { ...live.meter, connected: false, age_s: 41 };
    live.grid_power_w = null;
    live.load_power_w = null;
    live.plan = { status: "rule", age_s: 5400 };
    live.quarter_hour = null;
    live.mode = "observe";
    live.problems = [
      { code: "meter_silent", text: "The meter has sent nothing for 41 s. Controllable devices are held at the last limit." },
      { code: "no_solver", text: "The optimizer's packages are not installed, so a rule plan serves. See Settings, Repairs." },
    ];
    const [battery, car] = live.devices;
    if (battery) Object.assign(battery, { available: false, power_w: null, reason: "Does not answer since 16:50; counted at its rated 5 kW." });
    if (car) Object.assign(car, { connected: false, power_w: 0, setpoint_w: null, state_of_charge: null, reason: null, action: "off", limited_by: null });
    for (const limit of live.limits) Object.assign(limit, { power_w: null, distance_w: null, near: false });
  }
  const [battery, car] = live.devices;
  if (battery) Object.assign(battery, { obeyed: scene !== "problems", next: nextOf("hold", null, "Price falls to €0.21/kWh.") });
  if (car) Object.assign(car, { obeyed: true, next: nextOf("run", 7400, "€0.19/kWh, 0.22 less than now; leaves at 07:00 with 60 kWh.") });
  const bare = BARE_HOMES.find((each) => each === scene);
  if (bare) bareLive(live, bare);
  return live;
}

function nextOf(action: Action, power_w: number | null, text: string) {
  return { start: new Date(Date.now() + 3 * 3_600_000).toISOString(), action, power_w, text };
}

function wishes(): KeptWish[] {
  const start = new Date(FIRST + 3_600_000).toISOString();
  const common = { what: "forbid", start, end: start, power_w: null, until: start } as const;
  return [
    { ...common, wish_id: "a", device_id: "battery", kept: true, text: "Home battery off from 18:00 to 19:00, as wished." },
    { ...common, wish_id: "b", device_id: "dishwasher", kept: false, text: "Dishwasher from 17:00 on: not possible (limits or other wishes leave no room)." },
  ];
}

function planFor(scene: Scene): PlanMessage | null {
  if (scene === "none") return null;
  const plan = structuredClone(recordedPlan) as unknown as PlanMessage;
  plan.departures = { car: new Date(FIRST + 14.25 * 3_600_000).toISOString() };
  plan.wishes = wishes();
  plan.wishes_cost = 0.12;
  const bare = BARE_HOMES.find((each) => each === scene);
  if (bare) barePlan(plan, bare);
  if (scene === "limit") plan.limit_cost = { text: "What is ordered costs €0.32." };
  if (scene === "rule" || scene === "relaxed" || scene === "infeasible") plan.status = scene;
  if (scene === "relaxed") {
    plan.relaxed = [{ constraint: "car energy by 07:00", by: 3.2, unit: "kWh", text: "The car leaves at 07:00 with 3.2 kWh less than wanted: the grid operator's limit leaves no more." }];
  }
  if (scene === "infeasible") {
    plan.relaxed = [{ constraint: "import limit", by: 0.4, unit: "kW", text: "The house alone draws 0.4 kW more than the import limit at 19:15." }];
  }
  return plan;
}

export function fakeHass(scene: Scene, locale: Partial<Hass["locale"]> = {}): Hass {
  const events = liveEvents as Live[];
  const from = scene === "calm" ? 0 : 20;
  const until = scene === "calm" ? 13 : events.length;
  const asked = new Set<string>();
  const connection: Connection = {
    connected: true,
    async subscribeMessage<Event>(callback: (event: Event) => void, message: { type: string }) {
      if (scene === "refused") throw { code: "not_found", message: "The home is not set up" };
      if (scene === "loading") return async () => undefined;
      if (message.type === "cem/subscribe_plan") {
        callback(planFor(scene) as Event);
        return async () => undefined;
      }
      if (message.type === "cem/subscribe_meter") {
        callback(structuredClone(meterMessage) as Event);
        return async () => undefined;
      }
      let index = from;
      const send = () => {
        const event = events[index];
        if (event) {
          callback({ ...bent(event, scene), time: new Date().toISOString() } as Event);
        }
        index = index + 1 < until ? index + 1 : from;
      };
      send();
      const timer = scene === "stale" ? undefined : setInterval(send, 1000);
      return async () => clearInterval(timer);
    },
    async sendMessagePromise<Result>(message: { type: string }) {
      console.info("sent", JSON.stringify(message));
      if (scene === "refused" && message.type !== "cem/homes") {
        throw { code: "not_found", message: "The home is not set up" };
      }
      if (scene === "loading" && message.type !== "cem/homes") return new Promise<never>(() => undefined);
      if (scene === "stale" && asked.has(message.type) && message.type !== "cem/health") {
        throw { code: "not_found", message: "The home is not set up" };
      }
      asked.add(message.type);
      return answerTo(message, scene) as Result;
    },
    // The connection comes back once: whoever asked asks again.
    addEventListener: (_, listener) => void (scene === "stale" && setTimeout(listener, 300)),
    removeEventListener: () => undefined,
  };
  return {
    connection,
    language: "en",
    locale: { language: "en-GB", number_format: "language", time_format: "language", ...locale },
    config: { time_zone: "Europe/Brussels", currency: "EUR", language: "en-GB" },
    async callService(...call: unknown[]) {
      console.info("called", JSON.stringify(call));
      return undefined;
    },
  };
}
