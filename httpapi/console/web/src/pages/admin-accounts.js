// Administration: accounts, their roles, and what these permit.

import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {h} from "../dom.js";
import {count} from "../format.js";
import {link} from "../router.js";
import {text} from "../strings.js";
import {terms} from "./common.js";

const words = text.admin;

// accounts shows the table, and what applies to everyone else.
export function accounts({accounts: rows, default_roles: defaults, anonymous}) {
  return [
    anonymous && notice("warning", words.anonymous, h("p", null, h("a", {href: link("/manual/authentication")}, words.aboutAuthentication))),
    h("section", {class: "panel", "aria-label": words.defaultRoles}, terms([[words.defaultRoles, roleList(defaults)]])),
    dataTable({caption: words.sections.accounts, isCaptionHidden: true, rows, empty: words.noAccounts, columns: [
      {key: "name", label: words.account, header: true, sort: true},
      {key: "method", label: words.method, sort: true},
      {key: "roles", label: words.roles, render: roleList},
      {key: "grants", label: words.grants, render: (grants) => (grants?.length ? h("ul", {class: "list"}, grants.map((g) => h("li", null, g))) : words.nothing)},
      {key: "reach", label: words.reach, render: (reach) => (reach?.length ? reach.join(", ") : "–")},
      {key: "sessions", label: words.sessions, align: "end", sort: true, render: (n) => count(n ?? 0)},
    ]}),
  ];
}

function roleList(roles) {
  return roles?.length ? roles.join(", ") : words.noRoles;
}
