// Follows the server's stream of the load. While the stream is down, the figures are read from time
// to time, which also tells why: a session that has ended asks for a sign-in.

import {api} from "../api.js";

const shortest = 1000; // ms before the first new attempt
const longest = 30000;

// followLoad calls onNow for each event of the stream, onAll with the whole load from time to time,
// and onState with "live", "lost", "paused" or "ended" (with a function that tries again). It ends
// with signal, and pauses while the page is hidden, because the server has few streams.
export function followLoad({onNow, onAll, onState, historyPause, signal}) {
  let source = null;
  let timer;
  let wait = shortest;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const later = (work, ms) => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  };
  const readHistory = async () => {
    try {
      onAll(await api.get("load", {signal}));
      if (source) later(readHistory, historyPause);
    } catch {
      lose(); // the stream is closed as well: its connection may hang
    }
  };
  const open = () => {
    close();
    const mine = new EventSource(api.url("load/events"));
    source = mine;
    mine.addEventListener("load", (event) => {
      wait = shortest;
      onState("live");
      onNow(JSON.parse(event.data));
    });
    mine.addEventListener("end", () => mine === source && lose());
    mine.addEventListener("error", () => mine === source && lose());
    later(readHistory, historyPause);
  };
  const lose = () => {
    close();
    if (signal.aborted || document.hidden) return;
    onState("lost");
    later(retry, wait);
    wait = Math.min(2 * wait, longest);
  };
  const retry = async () => {
    try {
      onAll(await api.get("load", {signal}));
      if (!signal.aborted && !document.hidden) open();
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401 || error.status === 403) onState("ended", retry);
      else lose();
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return retry();
    close();
    return onState("paused");
  }, {signal});
  signal.addEventListener("abort", close);
  open();
}
