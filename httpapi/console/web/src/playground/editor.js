// The editor of scripts: CodeMirror in a shadow root, where its styles need no permission of the
// content security policy.

import {closeBrackets, closeBracketsKeymap} from "@codemirror/autocomplete";
import {defaultKeymap, history, historyKeymap, indentWithTab} from "@codemirror/commands";
import {bracketMatching, indentOnInput, indentUnit} from "@codemirror/language";
import {Compartment, EditorState, Prec, StateEffect, StateField} from "@codemirror/state";
import {Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, showPanel} from "@codemirror/view";
import {h} from "../dom.js";
import {text} from "../strings.js";

const look = EditorView.theme({
  "&": {color: "var(--text)", backgroundColor: "var(--raised)", fontSize: "0.8125rem"},
  "&.cm-focused": {outline: "2px solid var(--accent)", outlineOffset: "-1px"},
  ".cm-scroller": {fontFamily: "var(--mono)", lineHeight: "1.5", minHeight: "15rem", maxHeight: "min(36rem, 65vh)"},
  ".cm-content": {caretColor: "var(--text)", padding: "6px 0"},
  ".cm-gutters": {backgroundColor: "var(--surface)", color: "var(--muted)", borderRight: "1px solid var(--border)"},
  ".cm-activeLine": {backgroundColor: "color-mix(in srgb, var(--selected) 40%, transparent)"},
  ".cm-activeLineGutter": {backgroundColor: "var(--selected)", color: "var(--text)"},
  ".cm-cursor": {borderLeftColor: "var(--text)", borderLeftWidth: "2px"},
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {backgroundColor: "var(--selected)"},
  "&.cm-focused .cm-matchingBracket": {backgroundColor: "transparent", outline: "1px solid var(--control)"},
  ".cm-panels": {backgroundColor: "var(--danger-bg)", color: "var(--text)", borderTop: "1px solid var(--danger)"},
  ".cm-errorPanel": {padding: "4px 8px", fontSize: "0.8125rem", maxHeight: "4.6em", overflow: "auto", overflowWrap: "anywhere", whiteSpace: "pre-wrap"},
  ".cm-errorPanel b": {color: "var(--danger)"},
  ".cm-errorLine": {backgroundColor: "var(--danger-bg)", boxShadow: "inset 3px 0 0 var(--danger)"},
});

// The mark of an error: its line is highlighted, and a panel below the text has the message. An edit
// of the line removes the mark. A message between the lines would not be editable: with it, text that
// replaces all of the script (a fill, or a paste after Ctrl+A) is inserted at its end instead.
const setMark = StateEffect.define(); // {from, message, panel}, or null for no mark

const mark = StateField.define({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMark)) return effect.value;
    if (!value || !transaction.docChanged) return value;
    const line = transaction.startState.doc.lineAt(value.from);
    if (transaction.changes.touchesRange(line.from, line.to)) return null;
    return {...value, from: transaction.changes.mapPos(value.from)};
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value ? Decoration.set([errorLine(value.message).range(value.from)]) : Decoration.none),
    showPanel.from(field, (value) => value && value.panel),
  ],
});

function errorLine(message) {
  return Decoration.line({class: "cm-errorLine", attributes: {title: message}});
}

// errorPanel returns the constructor of the panel with a message. The number of the line follows the
// edits of the lines above.
function errorPanel(message) {
  return (view) => {
    const place = h("b");
    const show = ({state}) => {
      const value = state.field(mark);
      if (value) place.textContent = text.playground.result.line(state.doc.lineAt(value.from).number) + ":";
    };
    show(view);
    return {dom: h("div", {class: "cm-errorPanel"}, place, " ", message), update: show};
  };
}

// The language takes as long to load and to parse as the rest of the editor. It follows when one can
// type.
const language = new Compartment();

async function addLanguage(view) {
  await new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve)));
  const {python} = await import("./python.js");
  view.dispatch({effects: language.reconfigure(python)});
}

// createEditor returns {element, value, setValue, mark, clearMark, goTo, focus}. onChange is called
// after each change, onRun for Ctrl+Enter and Cmd+Enter, and onPaste with a pasted text; if it
// returns true, the text is not inserted.
export function createEditor({value, onChange, onRun, onPaste}) {
  const element = h("div", {class: "editor"});
  const root = element.attachShadow({mode: "open"});
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({doc: value, extensions: extensions({onChange, onRun, onPaste})}),
  });
  addLanguage(view).catch(() => {}); // without colours, scripts run all the same
  const lineAt = (number) => view.state.doc.line(Math.min(Math.max(1, number), view.state.doc.lines));
  return {
    element,
    value: () => view.state.doc.toString(),
    setValue: (next) => view.dispatch({changes: {from: 0, to: view.state.doc.length, insert: next}, effects: setMark.of(null)}),
    mark: (number, message) => view.dispatch({effects: setMark.of(markOf(lineAt(number), message))}),
    clearMark: () => view.dispatch({effects: setMark.of(null)}),
    goTo: (number) => {
      const line = lineAt(number);
      view.dispatch({selection: {anchor: line.from}, effects: EditorView.scrollIntoView(line.from, {y: "center"})});
      view.focus();
    },
    focus: () => view.focus(),
  };
}

function markOf(line, message) {
  const short = message.length > 400 ? message.slice(0, 400) + "…" : message;
  return {from: line.from, message: short, panel: errorPanel(short)};
}

function extensions({onChange, onRun, onPaste}) {
  return [
    lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), highlightActiveLine(), indentOnInput(),
    bracketMatching(), closeBrackets(), indentUnit.of("    "), language.of([]), look, mark,
    EditorView.contentAttributes.of({"aria-label": text.playground.script, spellcheck: "false"}),
    Prec.highest(keymap.of([
      {key: "Mod-Enter", run: () => { onRun(); return true; }},
      {key: "Escape", run: leaveWithTab},
    ])),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => update.docChanged && onChange()),
    EditorView.domEventHandlers({
      beforeinput: replaceSelected,
      blur: (_, view) => { view.setTabFocusMode(false); },
      paste: (event) => onPaste?.(event.clipboardData?.getData("text/plain") ?? "", event) === true,
    }),
  ];
}

// replaceSelected replaces a selection itself. Left to the browser, the new text gets a style
// attribute with the colours of the old one, which the content security policy reports.
function replaceSelected(event, view) {
  if (!["insertText", "insertFromPaste", "deleteContentBackward", "deleteContentForward"].includes(event.inputType)) return false;
  const {from, to} = selectionOf(view);
  if (from === to) return false;
  event.preventDefault();
  const insert = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  const change = {changes: {from, to, insert}, selection: {anchor: from + insert.replace(/\r\n/g, "\n").length}, userEvent: insert ? "input.type" : "delete", scrollIntoView: true};
  const isHandled = insert && view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, insert, () => view.state.update(change)));
  if (!isHandled) view.dispatch(change);
  return true;
}

// selectionOf returns the selection of the document, which the editor may not have read yet. Only
// Chromium tells it for a shadow root; elsewhere the editor's own state serves.
function selectionOf(view) {
  const selection = view.root.getSelection?.();
  const isInside = selection?.rangeCount > 0 && view.contentDOM.contains(selection.anchorNode) && view.contentDOM.contains(selection.focusNode);
  if (!isInside) return view.state.selection.main;
  const ends = [view.posAtDOM(selection.anchorNode, selection.anchorOffset), view.posAtDOM(selection.focusNode, selection.focusOffset)];
  return {from: Math.min(...ends), to: Math.max(...ends)};
}

// leaveWithTab has Tab move the focus, instead of indenting, until the editor has lost it.
function leaveWithTab(view) {
  view.setTabFocusMode(true);
  return false;
}
