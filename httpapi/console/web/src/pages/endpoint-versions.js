// The versions of an endpoint, each of which can be deployed again.

import {hasRole} from "../api.js";
import {busy, openDialog} from "../components/dialog.js";
import {dataTable} from "../components/table.js";
import {toast} from "../components/toast.js";
import {h} from "../dom.js";
import {bytes, time} from "../format.js";
import {text} from "../strings.js";
import {badge} from "./common.js";

const words = text.versions;

// versionTable returns the table. rollBack deploys a version again.
export function versionTable(detail, rollBack) {
  const rows = [...(detail.versions ?? [])].sort((a, b) => b.number - a.number);
  const columns = [
    {key: "number", label: words.number, header: true, align: "end"},
    {key: "created", label: words.created, render: time},
    {key: "author", label: words.author, render: (author) => author || "–"},
    {key: "kind", label: words.kind},
    {key: "size", label: words.size, align: "end", render: bytes},
    {key: "copy_of", label: words.copyOf, align: "end", render: (n) => n || "–"},
    {key: "sha256", label: words.digest, render: (digest) => (digest ? h("code", {title: digest}, digest.slice(0, 12)) : "–")},
    {key: "current", label: words.action, render: (isCurrent, row) => (isCurrent ? badge("ok", words.current) : rollBackButton(detail.name, row.number, rollBack))},
  ];
  return dataTable({caption: words.caption(detail.name), rows, columns, isCaptionHidden: true, empty: words.none});
}

function rollBackButton(name, version, rollBack) {
  if (!hasRole("deploy")) return "";
  const ask = async (event) => {
    const button = event.currentTarget;
    const answer = await openDialog({title: words.title(name, version), body: h("p", null, words.explanation), actions: [{label: words.rollBack, value: true, kind: "primary"}]});
    if (answer) await busy(button, words.busy, () => rollBack(version).catch((error) => toast([error.message, error.advice].filter(Boolean).join(" "), "error")));
  };
  return h("button", {type: "button", onclick: ask, "aria-label": words.rollBackTo(version)}, words.rollBack);
}
