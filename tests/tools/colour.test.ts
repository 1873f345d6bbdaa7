import assert from "node:assert/strict";
import { test } from "node:test";

import { colour } from "../../www/tools/colour.ts";

test("colour_convert gives hex, RGB and HSL", () => {
  assert.deepEqual(colour.colour_convert({ hex: "#FF8800" }), {
    hex: "#ff8800",
    rgb: "rgb(255, 136, 0)",
    hsl: "hsl(32, 100%, 50%)",
  });
  assert.equal(colour.colour_convert({ hex: "336699" }).hsl, "hsl(210, 50%, 40%)");
  assert.equal(colour.colour_convert({ hex: "#663399" }).hsl, "hsl(270, 50%, 40%)");
  assert.equal(colour.colour_convert({ hex: "#f0f" }).rgb, "rgb(255, 0, 255)");
  assert.equal(colour.colour_convert({ hex: "#000" }).hsl, "hsl(0, 0%, 0%)");
  assert.equal(colour.colour_convert({ hex: "#2e8b57" }).hsl, "hsl(146, 50%, 36%)");
});

test("a hex colour has three or six digits", () => {
  assert.throws(() => colour.colour_convert({ hex: "#ff88" }), /"#ff88" is not a hex colour/);
  assert.throws(
    () => colour.colour_contrast({ foreground: "#fff", background: "#12345" }),
    /"#12345" is not a hex colour/,
  );
});

test("rgb_to_hex writes two digits a channel", () => {
  assert.deepEqual(colour.rgb_to_hex({ red: 255, green: 99, blue: 7 }), { hex: "#ff6307" });
});

test("colour_contrast follows WCAG", () => {
  assert.deepEqual(colour.colour_contrast({ foreground: "#000", background: "#ffffff" }), {
    ratio: 21,
    passes_AA: true,
    passes_AAA: true,
  });
  assert.deepEqual(colour.colour_contrast({ foreground: "#777777", background: "#fff" }), {
    ratio: 4.47,
    passes_AA: false,
    passes_AAA: false,
  });
});
