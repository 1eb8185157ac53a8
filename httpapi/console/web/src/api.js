// Calls the console's API. Every page uses these functions, so that an expired session, a server
// that is restarting and an error look the same everywhere.

import {base} from "./router.js";
import {text} from "./strings.js";

const root = base + "console/api/v1/";

// ApiError is a failed call. code and advice come from the server, as does the rest of the body;
// status is 0 if there was no response, and code is then "unreachable".
export class ApiError extends Error {
  constructor(status, {code, message, advice, retryAfter, body}) {
    super(message);
    Object.assign(this, {name: "ApiError", status, code, advice, retryAfter, body});
  }
}

let current = null;
let signIn = () => Promise.reject(new ApiError(401, {code: "unauthenticated", message: text.api.signedOut}));

// events tells the shell: "session" after each change of the session, "unreachable" and
// "reachable" when the connection to the server is lost and found.
export const events = new EventTarget();

// session returns the last known session, or null before the first call.
export function session() {
  return current;
}

// hasRole reports whether the account has one of the roles. Without authentication, it has all.
export function hasRole(...roles) {
  return current !== null && roles.some((role) => current.roles?.includes(role));
}

// onSignIn sets the function that asks for credentials. It returns a promise that is fulfilled when
// the session exists. Its argument is true if the call is one that pages repeat by themselves.
export function onSignIn(ask) {
  signIn = ask;
}

// loadSession asks the server for the session.
export async function loadSession(options) {
  return setSession(await parse(await send("GET", "session", options ?? {})));
}

// createSession signs in with {username, password}, {token}, or nothing for the certificate of the
// connection. The CSRF token may be that of a session that has ended meanwhile.
export async function createSession(credentials) {
  const attempt = async () => setSession(await parse(await send("POST", "session", {body: credentials})));
  try {
    return await attempt();
  } catch (error) {
    if (error.status !== 403 || error.code !== "csrf") throw error;
    await loadSession();
    return attempt();
  }
}

// endSession signs out.
export async function endSession() {
  await parse(await send("DELETE", "session", {}));
  return loadSession();
}

function setSession(value) {
  current = value;
  events.dispatchEvent(new Event("session"));
  return value;
}

export const api = {
  get: (path, options) => call("GET", path, options),
  post: (path, body, options) => call("POST", path, {...options, body}),
  put: (path, body, options) => call("PUT", path, {...options, body}),
  delete: (path, body, options) => call("DELETE", path, {...options, body}),
  upload,
  url: (path, query) => address(path, query),
};

async function call(method, path, options = {}) {
  try {
    return await parse(await send(method, path, options));
  } catch (error) {
    if (!(await canRepeat(error, method === "GET"))) throw error;
    return parse(await send(method, path, options));
  }
}

// canRepeat reports whether the reason for a failure is gone: the account has signed in again, or
// the server was restarted and has issued another CSRF token.
async function canRepeat(error, isQuiet = false) {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 401) {
    await signIn(isQuiet);
    return true;
  }
  if (error.status === 403 && error.code === "csrf") {
    await loadSession();
    return true;
  }
  return false;
}

function address(path, query) {
  const url = new URL(root + path, location.origin);
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(key, value);
  }
  return url.pathname + url.search;
}

async function send(method, path, {query, body, type, signal}) {
  const headers = {Accept: "application/json"};
  if (method !== "GET" && current?.csrf) headers["X-Console-CSRF"] = current.csrf;
  if (body !== undefined) headers["Content-Type"] = type ?? "application/json";
  const content = body === undefined || type ? body : JSON.stringify(body);
  try {
    const response = await fetch(address(path, query), {method, headers, body: content, signal, credentials: "same-origin", cache: "no-store"});
    events.dispatchEvent(new Event("reachable"));
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
}

function unreachable() {
  events.dispatchEvent(new Event("unreachable"));
  return new ApiError(0, {code: "unreachable", message: text.api.unreachable, advice: text.api.unreachableAdvice});
}

async function parse(response) {
  const content = await read(response);
  if (response.ok) return content;
  throw new ApiError(response.status, problem(response, content));
}

async function read(response) {
  if (response.status === 204) return null;
  const isJSON = (response.headers.get("Content-Type") ?? "").includes("json");
  try {
    return isJSON ? await response.json() : await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof TypeError) throw unreachable(); // the connection broke within the body
    throw new ApiError(response.status, {code: "broken", message: text.api.broken});
  }
}

function problem(response, content) {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  const error = content?.error;
  if (error && typeof error === "object") return {...error, retryAfter, body: content};
  return {code: "http", message: text.api.status(response.status), retryAfter};
}

// upload sends a file and reports progress from 0 to 1. fetch cannot report it.
function upload(path, file, {query, signal, onProgress, method = "POST"} = {}) {
  const attempt = () => uploadOnce(method, address(path, query), file, signal, onProgress);
  return attempt().catch(async (error) => {
    if (!(await canRepeat(error))) throw error;
    return attempt();
  });
}

function uploadOnce(method, url, file, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    if (current?.csrf) request.setRequestHeader("X-Console-CSRF", current.csrf);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), {once: true});
    request.send(file);
  });
}

function settle(request, resolve, reject) {
  const response = new Response(request.status === 204 ? null : request.responseText, {
    status: request.status,
    headers: {"Content-Type": request.getResponseHeader("Content-Type") ?? "", "Retry-After": request.getResponseHeader("Retry-After") ?? ""},
  });
  parse(response).then(resolve, reject);
}
