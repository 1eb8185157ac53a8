// Links that hold a script.

import {copyButton, copyText} from "../components/copy.js";
import {openDialog} from "../components/dialog.js";
import {notice} from "../components/notice.js";
import {decodeShare, encodeShare} from "../data/share.js";
import {field, h} from "../dom.js";
import {count} from "../format.js";
import {link} from "../router.js";
import {text} from "../strings.js";

const words = text.share;
const longLink = 4000; // characters; some programs cut longer addresses

// shareDialog copies the link of a script and shows it.
export async function shareDialog(script) {
  let fragment;
  try {
    fragment = await encodeShare(script);
  } catch (error) {
    return openDialog({title: words.title, body: notice("error", words[error.code]?.(error.detail) ?? error.message), actions: []});
  }
  const address = new URL(link("") + "#" + fragment, location.href).href;
  const isCopied = await copyText(address);
  const input = h("input", {type: "text", readonly: true, value: address, onfocus: () => input.select()});
  const body = h("div", {class: "stack"}, isCopied && notice("ok", words.copied), h("p", null, words.hint), field(words.link, input),
    address.length > longLink && notice("warning", words.long(count(address.length))), h("div", null, copyButton(words.copy, () => address)));
  return openDialog({title: words.title, body, actions: []});
}

// openShared returns the script of a fragment. It is shown and not run.
export function openShared(fragment) {
  return decodeShare(fragment);
}
