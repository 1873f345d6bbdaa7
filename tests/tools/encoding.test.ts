import assert from "node:assert/strict";
import { test } from "node:test";

import { encoding } from "../../www/tools/encoding.ts";

test("base64_encode encodes the UTF-8 bytes", () => {
  assert.deepEqual(encoding.base64_encode({ text: "hello" }), { base64: "aGVsbG8=" });
  assert.deepEqual(encoding.base64_encode({ text: "naïve ☕" }), { base64: "bmHDr3ZlIOKYlQ==" });
});

test("base64_decode reads both alphabets and refuses what is not text", () => {
  assert.deepEqual(encoding.base64_decode({ base64: "bmHDr3ZlIOKYlQ" }), { text: "naïve ☕" });
  assert.deepEqual(encoding.base64_decode({ base64: "Pz8_" }), { text: "???" });
  assert.throws(() => encoding.base64_decode({ base64: "a*b" }), /not valid Base64/);
  assert.throws(() => encoding.base64_decode({ base64: "/////w==" }), /not text/);
});

test("url_encode escapes everything special", () => {
  assert.deepEqual(encoding.url_encode({ text: "fish & chips/ü?" }), {
    encoded: "fish%20%26%20chips%2F%C3%BC%3F",
  });
});

test("text_hash gives the published digests of abc", async () => {
  assert.deepEqual(await encoding.text_hash({ text: "abc" }), {
    algorithm: "SHA-256",
    hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
  assert.deepEqual(await encoding.text_hash({ text: "abc", algorithm: "SHA-1" }), {
    algorithm: "SHA-1",
    hash: "a9993e364706816aba3e25717850c26c9cd0d89d",
  });
});

test("text_hash says why it can't, where a page came over plain http", async () => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    await assert.rejects(encoding.text_hash({ text: "abc" }), /https/);
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  }
});

test("morse_code translates there and back", () => {
  assert.deepEqual(encoding.morse_code({ text: "SOS now" }), { morse: "... --- ... / -. --- .--" });
  assert.deepEqual(encoding.morse_code({ text: "café" }), { morse: "-.-. .- ..-. ." });
  assert.deepEqual(encoding.morse_code({ text: "... --- ... / -. --- .--" }), { text: "SOS NOW" });
  assert.deepEqual(encoding.morse_code({ text: "•− –" }), { text: "AT" });
});

test("morse_code refuses what Morse cannot say", () => {
  assert.throws(() => encoding.morse_code({ text: "50 €" }), /no sign for: "€"/);
  assert.throws(() => encoding.morse_code({ text: "........" }), /not a Morse sign/);
});

test("caesar_cipher shifts letters and wraps round", () => {
  assert.deepEqual(encoding.caesar_cipher({ text: "Xyz, abc!" }), { text: "Abc, def!" });
  assert.deepEqual(encoding.caesar_cipher({ text: "Uryyb", shift: 13 }), { text: "Hello" });
  assert.deepEqual(encoding.caesar_cipher({ text: "Abc", shift: 25, direction: "decode" }), {
    text: "Bcd",
  });
});

test("nato_alphabet spells letters and digits", () => {
  assert.deepEqual(encoding.nato_alphabet({ text: "É7 x@z" }), {
    spelling: "Echo Seven X-ray @ Zulu",
  });
});
