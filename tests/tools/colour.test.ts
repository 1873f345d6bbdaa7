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

test("complementary_colour turns the hue by half a circle", () => {
  assert.deepEqual(colour.complementary_colour({ hex: "#ff8800" }), {
    hex: "#0077ff",
    rgb: "rgb(0, 119, 255)",
  });
  assert.equal(colour.complementary_colour({ hex: "f00" }).hex, "#00ffff");
  assert.equal(colour.complementary_colour({ hex: "#808080" }).hex, "#808080");
});

test("mix_colours meets in the middle", () => {
  assert.deepEqual(colour.mix_colours({ first: "#ff0000", second: "#0000ff" }), {
    hex: "#800080",
    rgb: "rgb(128, 0, 128)",
  });
  assert.throws(() => colour.mix_colours({ first: "#ff00", second: "#fff" }), /not a hex colour/);
});
