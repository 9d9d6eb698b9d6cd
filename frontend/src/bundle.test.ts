// @vitest-environment node
import { expect, test } from "vitest";

import bundle from "../../custom_components/cem/frontend/cem.js?raw";

test("the committed bundle is one small module that asks for nothing else", () => {
  expect(bundle.length).toBeLessThan(750_000);
  expect(bundle).toContain("ll-strategy-dashboard-cem");
  expect(bundle).not.toMatch(/^import\b|\bimport\(|from\s*"[^"]+"\s*;/m);
  const namespaces = /^https?:\/\/www\.w3\.org\//;
  const addresses = bundle.match(/https?:\/\/[\w./-]+/g) ?? [];
  expect(addresses.filter((address) => !namespaces.test(address))).toEqual([]);
});

test("it is quick to load", async () => {
  const packed = new Blob([bundle]).stream().pipeThrough(new CompressionStream("gzip"));
  const size = (await new Response(packed).arrayBuffer()).byteLength;
  expect(size).toBeLessThan(250_000);
});
