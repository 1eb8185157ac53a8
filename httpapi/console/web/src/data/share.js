// Puts a script into the fragment of an address, which browsers do not send to a server, and takes
// it out again. The data is not shared.

import {functions} from "./formula.js";

const mark = "s1="; // the version of the format
const maxFragment = 100_000; // characters
const maxText = 2_000_000; // bytes of the content when it is decompressed

// ShareError is a link that cannot be made or read; code is a key of text.share in strings.js.
export class ShareError extends Error {
  constructor(code, detail) {
    super(code);
    Object.assign(this, {name: "ShareError", code, detail});
  }
}

// isShared reports whether a fragment, with or without #, holds a script.
export function isShared(fragment) {
  return fragment.replace(/^#/, "").startsWith(mark);
}

// encodeShare returns the fragment, without #.
export async function encodeShare({kind, fn, script, functionName}) {
  const content = JSON.stringify({kind, fn, script, functionName});
  const packed = await through(new TextEncoder().encode(content), new CompressionStream("deflate-raw"), Infinity);
  const fragment = mark + toBase64(packed);
  if (fragment.length > maxFragment) throw new ShareError("tooLong", {length: fragment.length, max: maxFragment});
  return fragment;
}

// decodeShare returns {kind, fn, script, functionName}. Everything in a link is hostile: the
// length is bounded before and after decompression, and unknown kinds are refused.
export async function decodeShare(fragment) {
  const packed = fromBase64(fragment.replace(/^#/, "").slice(mark.length));
  const content = await through(packed, new DecompressionStream("deflate-raw"), maxText);
  const value = parse(content);
  const isValid = value && typeof value.script === "string" && ["script", "table", "prep"].includes(value.kind);
  if (!isValid) throw new ShareError("damaged");
  return {
    kind: value.kind,
    fn: functions.includes(value.fn) ? value.fn : functions[0],
    script: value.script,
    functionName: typeof value.functionName === "string" ? value.functionName.slice(0, 200) : "",
  };
}

async function through(bytes, stream, max) {
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close()).catch(() => {}); // the reader fails too
  const chunks = [];
  let size = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const {done, value} = await reader.read().catch(() => { throw new ShareError("damaged"); });
    if (done) break;
    size += value.length;
    if (size > max) {
      await reader.cancel().catch(() => {});
      throw new ShareError("tooLarge", {max});
    }
    chunks.push(value);
  }
  await written;
  return join(chunks, size);
}

function join(chunks, size) {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(bytes));
  } catch {
    throw new ShareError("damaged");
  }
}

function toBase64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(s) {
  if (s.length > maxFragment) throw new ShareError("tooLong", {length: s.length, max: maxFragment});
  try {
    return Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  } catch {
    throw new ShareError("damaged");
  }
}
