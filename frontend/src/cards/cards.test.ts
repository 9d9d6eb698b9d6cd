import { expect, test, vi } from "vitest";

import { fakeHass, type Scene } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, bent, show, words, type Card } from "../../dev/shown_card";
import type { Hass } from "../data/hass";

atTheTimeOfTheRecording();

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

test("a meter that is an entity is called one", async () => {
  const hass = fakeHass("calm");
  const subscribe = hass.connection.subscribeMessage.bind(hass.connection);
  vi.spyOn(hass.connection, "subscribeMessage").mockImplementation((hear, message) =>
    subscribe((event) => hear({ ...(event as object), format: "entity" } as never), message),
  );
  const said = words(await show("cem-meter-card", hass));
  expect(said).toContain("Entity of Home Assistant · measured");
  expect(said).not.toContain("telegram ·");
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

test.each(["meter", "plug-in", "read-only"] as const)("a %s home begs for nothing", async (scene) => {
  const advice = await show("cem-opportunities-card", fakeHass(scene));
  await vi.waitFor(() => expect(words(advice)).toContain("Cheap from 01:00 to 05:30"));
  expect(words(await show("cem-devices-card", fakeHass(scene)))).not.toContain("no order");
  const plan = words(await show("cem-plan-card", fakeHass(scene)));
  expect(plan).toContain("Show as a table");
  expect(plan).not.toMatch(/no reasons|Make a wish/);
});
