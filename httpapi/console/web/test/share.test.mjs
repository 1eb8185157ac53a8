import assert from "node:assert/strict";
import {randomBytes} from "node:crypto";
import {test} from "node:test";
import {deflateRawSync} from "node:zlib";
import {ShareError, decodeShare, encodeShare, isShared} from "../src/data/share.js";

const state = {kind: "prep", fn: "SCRIPT_INT", script: "return 'ä ☃ \"x\"'\n".repeat(50), functionName: "f"};
const code = (wanted) => (error) => error instanceof ShareError && error.code === wanted;
const packed = (content) => "s1=" + deflateRawSync(content).toString("base64url");

test("a script goes into a fragment and comes out again", async () => {
  const fragment = await encodeShare(state);
  assert.match(fragment, /^s1=[\w-]+$/);
  assert.deepEqual(await decodeShare("#" + fragment), state);
  assert.ok(isShared("#" + fragment) && isShared(fragment) && !isShared("#main") && !isShared(""));
});

test("damaged links are refused", async () => {
  const fragment = await encodeShare(state);
  for (const bad of ["s1=", "s1=!!!", fragment.slice(0, -10), packed("{"), packed("5"), packed('{"kind":"script"}'), packed('{"kind":"other","script":""}'), packed(Buffer.from([0x22, 0xff, 0x22]))]) {
    await assert.rejects(decodeShare(bad), code("damaged"), bad.slice(0, 40));
  }
});

test("a link cannot grow to more than its bound", async () => {
  await assert.rejects(decodeShare(packed(Buffer.alloc(3_000_000, 32))), code("tooLarge"));
  await assert.rejects(decodeShare("s1=" + "A".repeat(100_001)), code("tooLong"));
});

test("a script that does not fit into a link is refused", async () => {
  await assert.rejects(encodeShare({...state, script: randomBytes(100_000).toString("hex")}), code("tooLong"));
});

test("unknown functions and long names are replaced", async () => {
  const value = await decodeShare(packed(JSON.stringify({kind: "script", fn: "x", script: "s", functionName: 5})));
  assert.deepEqual(value, {kind: "script", fn: "SCRIPT_REAL", script: "s", functionName: ""});
});
