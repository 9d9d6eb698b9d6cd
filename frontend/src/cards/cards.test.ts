import { afterEach, beforeEach, expect, test, vi } from "vitest";

import "../cem";
import { fakeHass, type Scene } from "../../dev/fake_hass";
import savingsDocuments from "../../../tests/custom_components/saving/__snapshots__/test_view/test_the_documents.json";
import type { Hass } from "../data/hass";
import type { Energy, Savings } from "../data/dashboard";
import type { Live } from "../data/live";

type Card = HTMLElement & {
  hass: Hass;
  updateComplete: Promise<boolean>;
  setConfig(config: object): void;
};

// The time of the recording.
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 2, 12, 15, 52) }));

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

async function show(type: string, hass: Hass): Promise<Card> {
  const card = document.createElement(type) as Card;
  card.setConfig({ type: `custom:${type}`, entry_id: "demo" });
  card.hass = hass;
  document.body.append(card);
  for (let i = 0; i < 5; i++) await card.updateComplete;
  return card;
}

function words(node: Node): string {
  const own = node instanceof Text ? (node.textContent ?? "") : "";
  const root = node instanceof Element ? node.shadowRoot : null;
  const kids = [...(root?.childNodes ?? []), ...node.childNodes];
  return [own, ...kids.map(words)].join(" ").replace(/[\s\u00a0]+/g, " ");
}

function bent(scene: Scene, bend: (live: Live) => void): Hass {
  const hass = fakeHass(scene);
  const { connection } = hass;
  return {
    ...hass,
    connection: {
      ...connection,
      subscribeMessage: (callback, message) =>
        connection.subscribeMessage<never>((event) => {
          bend(event as Live);
          callback(event);
        }, message),
    },
  };
}

function asGuest(scene: Scene): Hass {
  const hass = fakeHass(scene);
  const { connection } = hass;
  return {
    ...hass,
    connection: {
      ...connection,
      sendMessagePromise: <Result>(message: { type: string }) =>
        message.type === "cem/homes"
          ? Promise.resolve([{ entry_id: "demo", title: "Home", role: "guest" }] as Result)
          : connection.sendMessagePromise<Result>(message),
    },
  };
}

test.each(["cem-devices-card", "cem-plan-card", "cem-opportunities-card"])(
  "a guest sees in %s what there is, and no button that changes it",
  async (type) => {
    const label = /^(Plan it|Do it then|Remind me|Make a wish|Undo|Charge now|By plan|Not tonight)$/;
    const acts = (card: Card) => {
      const found: Element[] = [];
      const walk = (node: Element | ShadowRoot) => {
        for (const each of node.querySelectorAll("*")) {
          if (each.matches('button[role="switch"], .resume')) found.push(each);
          if (each.matches("button") && label.test((each.textContent ?? "").trim())) found.push(each);
          if (each.shadowRoot) walk(each.shadowRoot);
        }
      };
      if (card.shadowRoot) walk(card.shadowRoot);
      return found;
    };
    const own = await show(type, fakeHass("calm"));
    const guest = await show(type, asGuest("calm"));
    await vi.waitFor(() => expect(acts(own).length).toBeGreaterThan(0));
    await vi.waitFor(() => expect(acts(guest)).toEqual([]));
    expect(words(guest).length).toBeGreaterThan(20);
  },
);

test("budgets tell what is used, what is expected and what will not last", async () => {
  const card = await show("cem-budget-card", fakeHass("calm"));
  await vi.waitFor(() => expect(words(card)).toContain("186.0 kWh of 300.0 kWh this month"));
  expect(words(card)).toContain("About 360.0 kWh expected by the end");
  expect(words(card)).toContain("Will not last");
  expect(words(card)).toContain("€21.40 of €80.00 this month");
  expect(words(card)).toContain("Not counted yet");
  const none = await show("cem-budget-card", fakeHass("none"));
  await vi.waitFor(() => expect(words(none)).toContain("No budget yet"));
});

test("near and above a limit are words, not only colours", async () => {
  const near = await show("cem-limit-card", fakeHass("near"));
  expect(words(near)).toContain("Near the limit");
  expect(words(near)).toContain("170 W left");
  expect(words(near)).toContain("ordered by grid operator, until 19:00");
  const very = await show(
    "cem-limit-card",
    bent("near", (live) => {
      for (const limit of live.limits) {
        if (limit.near) Object.assign(limit, { level: "warning", seconds_to_trip: 119 });
      }
    }),
  );
  expect(words(very)).toContain("Very near the limit");
  expect(words(very)).toContain("The supply may be cut in 2 min");
  expect(words(near)).not.toContain("cut");
  const over = await show("cem-limit-card", fakeHass("over"));
  expect(words(over)).toContain("Above the limit");
  expect(words(over)).toContain("190 W too much");
});

test("names from outside are shown as text, never as markup", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  const hass = bent("limit", (live) => {
    for (const device of live.devices) Object.assign(device, { name: evil, reason: evil });
  });
  for (const type of ["cem-devices-card", "cem-flow-card"]) {
    const card = await show(type, hass);
    expect(words(card)).toContain(type === "cem-devices-card" ? evil : "<img");
    const inner = [...(card.shadowRoot?.querySelectorAll("*") ?? [])];
    const deep = inner.flatMap((one) => [...(one.shadowRoot?.querySelectorAll("img") ?? [])]);
    expect([...inner.filter((one) => one.localName === "img"), ...deep]).toEqual([]);
  }
});

test("problems and a silent meter are told", async () => {
  const card = await show("cem-status-card", fakeHass("problems"));
  expect(words(card)).toContain("Meter silent last value 41 s ago");
  expect(words(card)).toContain("packages are not installed");
});

test("a mode is set over the web socket", async () => {
  const hass = fakeHass("limit");
  const sent = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-status-card", hass);
  card.shadowRoot
    ?.querySelector("cem-segments")
    ?.dispatchEvent(new CustomEvent("pick", { detail: "observe" }));
  expect(sent).toHaveBeenCalledWith({ type: "cem/set_mode", entry_id: "demo", mode: "observe" });
});

test("a device in a person's hands can be given back", async () => {
  const hass = fakeHass("limit");
  const called = vi.spyOn(hass, "callService");
  const card = await show("cem-devices-card", hass);
  const rows = [...(card.shadowRoot?.querySelectorAll("cem-device-row") ?? [])];
  const resume = rows.flatMap((row) => [...(row.shadowRoot?.querySelectorAll(".resume") ?? [])]);
  expect(resume).toHaveLength(1);
  (resume[0] as HTMLButtonElement).click();
  const target = { entity_id: "button.dishwasher_resume" };
  expect(called).toHaveBeenCalledWith("button", "press", {}, target);
});

test.each([
  ["none", "No plan yet"],
  ["rule", "simple rules decide"],
  ["relaxed", "3.2 kWh less than wanted"],
  ["infeasible", "Cannot be met"],
  ["calm", "Cheapest plan"],
  ["limit", "What is ordered costs €0.32."],
  ["refused", "The home is not set up"],
] as const)("plan scene %s says: %s", async (scene, text) => {
  const said = words(await show("cem-plan-card", fakeHass(scene)));
  expect(said).toContain(text);
  // What is forecast is no bill, whatever the meter is.
  const hasCost = !["none", "infeasible", "refused"].includes(scene);
  expect(said.includes("Not for billing")).toBe(hasCost);
});

test("the dashboard is offered and its views hold known cards", async () => {
  expect(window.customStrategies).toContainEqual(
    expect.objectContaining({ type: "cem", strategyType: "dashboard" }),
  );
  const strategy = customElements.get("ll-strategy-dashboard-cem") as unknown as {
    generate(config: object, hass: Hass): Promise<{ views: { path: string }[] }>;
  };
  const dashboard = await strategy.generate({ type: "custom:cem" }, fakeHass("calm"));
  expect(dashboard.views.map(({ path }) => path)).toEqual([
    ...["now", "plan", "limits", "savings", "energy", "devices", "health"],
  ]);
  const used = JSON.stringify(dashboard).match(/custom:[\w-]+/g)?.map((type) => type.slice(7));
  const offered = window.customCards?.map(({ type }) => type);
  expect([...new Set(used)].sort()).toEqual([...(offered ?? [])].sort());
  for (const type of used ?? []) expect(customElements.get(type)).toBeDefined();
});

test("an order says what it costs, and what is left out for it", async () => {
  const cost = (limit_ids: string[], cost: number, ...missed: string[]) =>
    bent("limit", (live) => {
      const said = missed.map((text) => ({ text }));
      live.limit_cost = { limit_ids, cost, currency: "EUR", missed: said };
    });
  const alone = words(await show("cem-limit-card", cost(["dso-1"], 0.32)));
  expect(alone.split("Costs you")).toHaveLength(2); // the order's row, no other
  expect(alone).toMatch(/Costs you €0.32(?!,)/);
  expect(alone).toContain("Not for billing");
  expect(words(await show("cem-limit-card", cost(["dso-1", "x"], 0.32)))).toContain("with the other orders");
  const short = words(await show("cem-limit-card", cost(["dso-1"], -1.2, "The car leaves 3 kWh short.")));
  expect(short).toContain("The car leaves 3 kWh short.");
  expect(short).not.toContain("Costs");
  expect(words(await show("cem-limit-card", cost(["gone"], 5)))).not.toContain("Costs");
  expect(words(await show("cem-limit-card", fakeHass("limit")))).not.toContain("Costs");
});

test("the meter is shown as it speaks, with the marks of what it did not say", async () => {
  const card = await show("cem-meter-card", fakeHass("calm"));
  const said = words(card);
  expect(said).toContain("Meter 4530303531393837 · P1 telegram · measured 16:52 · 1 s old");
  expect(said).toContain("1-0:1.8.1 1000.5 kWh");
  expect(said).toMatch(/Import energy, tariff 1 1,000\.500 kWh/);
  expect(said).toContain("Line: 51,200 bytes, 60 telegrams, 2 damaged");
  expect(said).toContain("Not for billing");
  const marks = [...(card.shadowRoot?.querySelectorAll(".mark") ?? [])];
  expect(marks.map((each) => each.getAttribute("aria-label"))).toEqual(["estimated"]);
});

test("a figure that is not metered says so beside it and in words", async () => {
  const flow = await show(
    "cem-flow-card",
    bent("calm", (live) => {
      live.quality = { grid_power_w: "metered", load_power_w: "estimated" };
    }),
  );
  const drawing = flow.shadowRoot?.querySelector("cem-flow-diagram")?.shadowRoot;
  const signs = [...(drawing?.querySelectorAll(".mark") ?? [])].map((each) => each.textContent);
  expect(signs).toEqual(["≈"]);
  expect(drawing?.querySelector("svg")?.getAttribute("aria-label")).toContain("(estimated)");
});

test("limits on phases are one line, and so is that on their imbalance", async () => {
  const phased = bent("limit", (live) => {
    const [contract] = live.limits;
    live.phases = [1, 2, 3].map((phase) => ({ phase, power_w: 4000 * (phase - 1), voltage_v: null, current_a: null }));
    live.phase_limits = [
      ...[1, 2, 3].map((phase) => ({ ...contract!, phase, limit_w: 5750 })),
      { ...contract!, limit_id: "imbalance", limit_w: 4600 },
    ];
  });
  const said = words(await show("cem-limit-card", phased));
  expect(said).toContain("Each phase: L1 0 W of 5.75 kW · L2 4.00 kW of 5.75 kW · L3 8.00 kW of 5.75 kW (Above the limit)");
  expect(said).toContain("Imbalance of phases: at most 4.6 kVA");
  const unbound = bent("limit", (live) => {
    live.phases = [1, 2].map((phase) => ({ phase, power_w: 1200 * phase, voltage_v: null, current_a: null }));
  });
  expect(words(await show("cem-limit-card", unbound))).toContain("Each phase: L1 1.20 kW · L2 2.40 kW");
  const silent = bent("limit", (live) => {
    live.phases = [1, 2].map((phase) => ({ phase, power_w: 1200, voltage_v: null, current_a: null }));
    live.grid_power_w = null;
  });
  expect(words(await show("cem-limit-card", silent))).not.toContain("Each phase");
  const single = bent("limit", (live) => void (live.phases = []));
  expect(words(await show("cem-limit-card", single))).not.toContain("phase");
  const held = bent("limit", (live) => {
    live.phase_limits = [{ ...live.limits[0]!, limit_id: "imbalance" }];
    for (const device of live.devices) device.limited_by = "imbalance";
  });
  expect(words(await show("cem-devices-card", held))).toContain("Limited: Imbalance of phases");
});

test("a device's reason is said in the user's language, not in Home Assistant's", async () => {
  const message = { key: "device_silent", values: { device: "Laadpaal" } };
  const hass = bent("limit", (live) => {
    for (const device of live.devices) Object.assign(device, { reason_message: message });
  });
  const dutch: Hass = {
    ...hass,
    locale: { ...hass.locale, language: "nl" },
    config: { ...hass.config, language: "en" },
    connection: {
      ...hass.connection,
      async sendMessagePromise<Result>(): Promise<Result> {
        return { resources: { "component.cem.common.device_silent": "{device} zwijgt." } } as Result;
      },
    },
  };
  const card = await show("cem-devices-card", dutch);
  await vi.waitFor(() => expect(words(card)).toContain("Laadpaal zwijgt."));
});

test.each([
  ["cem-savings-card", "€9.72", "The first day is over tomorrow at noon."],
  ["cem-energy-card", "Standby about 187 W", "Nothing has been counted"],
  ["cem-health-card", "does not answer", "No meter or device"],
  ["cem-log-card", "ordered a limit of 4200 W", "Nothing has happened yet"],
  ["cem-opportunities-card", "saves €0.42", "Nothing would be cheaper"],
] as const)("%s says: %s, and of a new home: %s", async (type, full, empty) => {
  const shown = await show(type, fakeHass("calm"));
  await vi.waitFor(() => expect(words(shown)).toContain(full));
  const bare = await show(type, fakeHass("none"));
  await vi.waitFor(() => expect(words(bare)).toContain(empty));
  const refused = await show(type, fakeHass("refused"));
  await vi.waitFor(() => expect(words(refused)).toContain("does not answer yet"));
});

test("a loss is called a loss", async () => {
  const hass = fakeHass("calm");
  const { connection } = hass;
  const losing: Hass = {
    ...hass,
    connection: {
      ...connection,
      async sendMessagePromise<Result>(message: { type: string }): Promise<Result> {
        const answer = await connection.sendMessagePromise<{ periods: { saved: number }[] }>(message);
        for (const period of answer.periods) period.saved = -0.4;
        return answer as Result;
      },
    },
  };
  const card = await show("cem-savings-card", losing);
  await vi.waitFor(() => expect(words(card)).toContain("Lost €0.40"));
});

function answering(answers: (type: string) => unknown): Hass {
  const hass = fakeHass("calm");
  const { connection } = hass;
  return {
    ...hass,
    connection: {
      ...connection,
      async sendMessagePromise<Result>(message: { type: string }): Promise<Result> {
        return (answers(message.type) ?? (await connection.sendMessagePromise(message))) as Result;
      },
    },
  };
}

function saved(name: keyof typeof savingsDocuments, bend = (document: Savings) => document): Promise<HTMLElement> {
  const document = bend(structuredClone(savingsDocuments[name]) as Savings);
  return show("cem-savings-card", answering((type) => (type === "cem/savings" ? document : undefined)));
}

// What the integration's own test makes: tests/custom_components/saving/test_view.py.
test.each([
  ["new", ["the first one is still to come", "What it is compared with"]],
  ["not_measured", ["was not measured for nine tenths"]],
  ["observed", ["Would have saved €2.20", "between ", "2 days", "With the energy manager in control", "4.20 kW instead of 7.60 kW"]],
  ["mixed", ["Saved €3.20", "3 days", "On one of these days it only observed"]],
  ["loss", ["Saved €0.70", "not known for nine tenths"]],
] as const)("the document of a home that is %s", async (name, said) => {
  const card = await saved(name);
  for (const text of said) await vi.waitFor(() => expect(words(card)).toContain(text));
});

test("a loss is between a smaller and a larger loss", async () => {
  const card = await saved("loss", (document) => ({
    ...document,
    periods: document.periods.filter(({ period }) => period === "today"),
  }));
  await vi.waitFor(() => expect(words(card)).toContain("Lost €0.40 between €"));
  const [, least = "", most = ""] = /between €([\d.]+) and €([\d.]+)/.exec(words(card)) ?? [];
  expect(Number(least)).toBeLessThan(0.4);
  expect(Number(most)).toBeGreaterThan(0.4);
});

test("what peaks cost is told where they cost something", async () => {
  const priced = (document: Savings) => {
    for (const row of document.periods) Object.assign(row, { capacity: 17.6, capacity_without: 31.6 });
    return document;
  };
  await vi.waitFor(async () =>
    expect(words(await saved("mixed", priced))).toContain("Cost of peaks €17.60 instead of €31.60"),
  );
  expect(words(await saved("mixed"))).not.toContain("Cost of peaks");
});

test("what nothing tells of CO₂ is said, and what is known is told", async () => {
  const none = await saved("observed");
  await vi.waitFor(() => expect(words(none)).toContain("CO₂ of imports Not known: set a source"));
  const known = await saved("observed", (document) => {
    for (const row of document.periods) {
      Object.assign(row, { co2_kg: 3.1, co2_without_kg: 3.3, co2_planned_kg: 2.4, co2_days: 2 });
    }
    return { ...document, co2_known: true };
  });
  await vi.waitFor(() => expect(words(known)).toMatch(/CO₂ of imports 2\.4\skg instead of 3\.1\skg/));
  expect(words(known)).not.toContain("set a source");
});

test("each device is told with what it is compared with", async () => {
  const card = await saved("observed");
  await vi.waitFor(() => expect(words(card)).toContain("Roof, against: Produces all that it can"));
});

test.each(["meter", "plug-in"] as const)("a %s home without a choice is told its bill", async (scene) => {
  const card = await show("cem-savings-card", fakeHass(scene));
  await vi.waitFor(() => expect(words(card)).toContain("Paid for energy €27.72"));
  expect(words(card)).not.toMatch(/saved|instead of|Without energy manager|compared/);
});

test.each(["meter", "plug-in", "read-only"] as const)("a %s home begs for nothing", async (scene) => {
  const advice = await show("cem-opportunities-card", fakeHass(scene));
  await vi.waitFor(() => expect(words(advice)).toContain("Cheap from 01:00 to 05:30"));
  expect(words(await show("cem-devices-card", fakeHass(scene)))).not.toContain("no order");
  const plan = words(await show("cem-plan-card", fakeHass(scene)));
  expect(plan).toContain("Show as a table");
  expect(plan).not.toMatch(/no reasons|Make a wish/);
});

test("what nothing can start is reminded of, and what was taken up can be undone", async () => {
  const hass = fakeHass("calm");
  const { connection } = hass;
  const ask = connection.sendMessagePromise.bind(connection);
  const asked = vi.spyOn(connection, "sendMessagePromise").mockImplementation(async (message) => {
    const answer = await ask<{ opportunities: { reminds: boolean; takes_control: boolean }[] }>(message);
    if (message.type === "cem/opportunities")
      for (const each of answer.opportunities) Object.assign(each, { reminds: true, takes_control: false });
    return answer as never;
  });
  const card = await show("cem-opportunities-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Remind me"));
  expect(words(card)).not.toMatch(/Plan it|Do it then/);
  const button = (row: string) => card.shadowRoot?.querySelector<HTMLElement>(`${row} button`);
  button("ul:not(.taken) li:last-of-type")?.click();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(expect.objectContaining({ type: "cem/set_wish", reminds: true })));
  button(".taken li")?.click();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(expect.objectContaining({ type: "cem/end_wish", wish_id: "c" })));
});

test("a car that could wait is shown as one, and charged then for once", async () => {
  const hass = fakeHass("calm");
  const asked = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-opportunities-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Charge at Wallbox from"));
  const [dishwasher, car] = [...(card.shadowRoot?.querySelectorAll("ul:not(.taken) li") ?? [])];
  const drawn = (row?: Element) => row?.querySelector("path")?.getAttribute("d");
  expect(drawn(car)).toBeTruthy();
  expect(drawn(car)).not.toEqual(drawn(dishwasher));
  car?.querySelector("button")?.click();
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledWith(
      expect.objectContaining({ type: "cem/set_wish", device: "wallbox", what: "force", takes_control: true }),
    ),
  );
  expect(words(card)).not.toContain("is planned for");
});

test("a home with only a meter has no empty view of devices", async () => {
  const strategy = customElements.get("ll-strategy-dashboard-cem") as unknown as {
    generate(config: object, hass: Hass): Promise<object>;
  };
  const bare = JSON.stringify(await strategy.generate({ type: "custom:cem" }, fakeHass("meter")));
  expect(bare).not.toContain("cem-devices-card");
  for (const scene of ["plug-in", "none", "refused"] as const) {
    const full = JSON.stringify(await strategy.generate({ type: "custom:cem" }, fakeHass(scene)));
    expect(full).toContain("cem-devices-card");
  }
});

test("nobody knows what was used where the grid's share is not counted", async () => {
  const hass = fakeHass("calm");
  const counted = [{ kind: "solar", name: null, value: 616, unit: "kWh" }];
  const answer = { period: "day", start: "2026-03-12T00:00:00+01:00", counted, rows: [], measured: [] };
  vi.spyOn(hass.connection, "sendMessagePromise").mockResolvedValue({ ...answer, standby_w: null, standby_at: null });
  const card = await show("cem-energy-card", hass);
  const bars = () => card.shadowRoot?.querySelector("cem-bars")?.shadowRoot?.textContent ?? "";
  await vi.waitFor(() => expect(bars()).toContain("616.0"));
  expect(bars()).not.toContain("Used at home");
});

test("what a device does is what it is seen to do", async () => {
  const seen = bent("calm", (live) => {
    const [any] = live.devices;
    const of = (changes: Partial<typeof any>) => ({ ...any!, limited_by: null, ...changes });
    live.devices = [
      of({ device_id: "a", kind: "solar", name: "Roof", action: "curtail", power_w: 1160, setpoint_w: 5840 }),
      of({ device_id: "b", kind: "solar", name: "Shed", action: "curtail", power_w: 900, setpoint_w: 900 }),
      of({ device_id: "c", kind: "heat_pump", name: "Warmth", action: "run", power_w: 12, setpoint_w: 1270 }),
      of({ device_id: "d", kind: "ev_charger", name: "Wallbox", action: "discharge", power_w: -4600, connected: true }),
    ];
  });
  const said = words(await show("cem-devices-card", seen));
  expect(said).toMatch(/Roof\s+Producing/);
  expect(said).toMatch(/Shed\s+Turned down/);
  expect(said).toMatch(/Warmth\s+Idle/);
  expect(said).toMatch(/Wallbox\s+Gives back/);
});

test("another period of energy is another question", async () => {
  const hass = fakeHass("calm");
  const sent = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-energy-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("From the grid"));
  card.shadowRoot?.querySelector("cem-segments")?.dispatchEvent(new CustomEvent("pick", { detail: "year" }));
  await vi.waitFor(() =>
    expect(sent).toHaveBeenCalledWith({ type: "cem/energy", entry_id: "demo", period: "year" }),
  );
});

test("what planning missed is said to be unknown where nobody could tell", async () => {
  const hass = fakeHass("calm");
  const ask = hass.connection.sendMessagePromise.bind(hass.connection);
  const question = { type: "cem/savings", entry_id: "demo" };
  vi.spyOn(hass.connection, "sendMessagePromise").mockImplementation(async <Result>() => {
    const savings = await ask<Savings>(question);
    const unknown = <Row extends object>(row: Row) => ({
      ...row,
      perfect: null,
      split: { forecast: 0.17, planning: null },
    });
    return { ...savings, days: savings.days.map(unknown), periods: savings.periods.map(unknown) } as Result;
  });
  const card = await show("cem-savings-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("What planning missed is not known"));
  expect(words(card)).not.toContain("With perfect foresight");
});

test("without the grid's share nobody says what the home used", async () => {
  const whole = await show("cem-energy-card", fakeHass("calm"));
  await vi.waitFor(() => expect(words(whole)).toContain("Used at home"));
  const hass = fakeHass("calm");
  const ask = hass.connection.sendMessagePromise.bind(hass.connection);
  const question = { type: "cem/energy", entry_id: "demo", period: "day" };
  vi.spyOn(hass.connection, "sendMessagePromise").mockImplementation(async <Result>() => {
    const energy = await ask<Energy>(question);
    const counted = energy.counted.filter(({ kind }) => kind !== "import");
    return { ...energy, counted } as Result;
  });
  const card = await show("cem-energy-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Solar"));
  expect(words(card)).not.toContain("Used at home");
});

test("a device says whether it follows, and what it does next", async () => {
  const said = words(await show("cem-devices-card", fakeHass("limit")));
  expect(said).toContain("followed");
  expect(said).toContain("From 19:52: Running 7.40 kW.");
  const not = bent("limit", (live) => {
    for (const device of live.devices) device.obeyed = false;
  });
  expect(words(await show("cem-devices-card", not))).toContain("not followed");
});

test("a wish that is not kept says so, and each can be taken back", async () => {
  const hass = fakeHass("calm");
  const sent = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-plan-card", hass);
  expect(words(card)).toContain("not possible (limits or other wishes leave no room)");
  const list = card.shadowRoot?.querySelector("cem-wish-list");
  list?.shadowRoot?.querySelector("button")?.click();
  expect(sent).toHaveBeenCalledWith({ type: "cem/end_wish", entry_id: "demo", wish_id: "a" });
});
