// Keys and panels. Every page works without this file: panels are then simply open.
"use strict";

const all = (selector) => Array.from(document.querySelectorAll(selector));
const one = (selector) => document.querySelector(selector);

// Panels (reject, correct) and, on narrow screens, the filters start closed.
for (const panel of all("[data-panel]")) panel.hidden = !panel.hasAttribute("data-open");
if (matchMedia("(max-width: 61.99rem)").matches) for (const side of all("[data-narrow-closed]")) side.open = false;

function show(id, open) {
  for (const panel of all("[data-panel]")) {
    const shown = panel.id === id && open;
    panel.hidden = !shown;
    const opener = one(`[data-opens="${panel.id}"]`);
    if (opener) opener.setAttribute("aria-expanded", String(shown));
    if (shown) {
      panel.scrollIntoView({ block: "nearest" });
      const first = panel.querySelector("input:not([type=hidden]), select, textarea");
      if (first) first.focus();
    }
  }
}
for (const opener of all("[data-opens]")) {
  opener.addEventListener("click", () => show(opener.dataset.opens, one(`#${opener.dataset.opens}`).hidden));
}

for (const closer of all("[data-close]")) closer.addEventListener("click", () => show("", false));

// A decision is sent once, however often the button is pressed.
for (const form of all("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => { for (const form of all("form")) delete form.dataset.sent; });

// Empty filters stay out of the address.
for (const form of all("form.filters")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  });
  addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
}

function step(by) {
  const rows = all("[data-rows] [data-row]");
  if (rows.length === 0) {
    const link = one(by > 0 ? "a[rel=next]" : "a[rel=prev]");
    if (link) link.click();
    return;
  }
  const at = rows.findIndex((row) => row.closest("li").contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  if (next >= 0 && next < rows.length) {
    rows[next].focus();
    rows[next].closest("li").scrollIntoView({ block: "nearest" });
  } else if (next >= rows.length && one("a[rel=next]")) one("a[rel=next]").focus();
}

function press(key) {
  const target = one(`[data-key="${key}"]`);
  if (!target) return;
  if (target.tagName === "FORM") target.requestSubmit();
  else target.click();
}

// Words of the abstract, selected by pointer or by keys; offsets count code points, as the store's do.
const text = one("[data-text]");
const choice = { form: null, from: 0, to: 0, words: [] };

function nodesOf() {
  const found = [];
  let at = 0;
  for (const paragraph of text.children) {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) { found.push([walker.currentNode, at]); at += walker.currentNode.length; }
    at += 1; // the newline between two paragraphs
  }
  return found;
}
const whole = () => Array.from(text.children, (paragraph) => paragraph.textContent).join("\n");
const points = (end) => Array.from(whole().slice(0, end)).length;

function offsetOf(node, offset) {
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(node, offset);
  const held = range.cloneContents();
  return Array.from(held.children, (paragraph) => paragraph.textContent).join("\n").length;
}

function selectWords() {
  const [start, end] = [choice.words[choice.from][0], choice.words[choice.to][1]];
  const place = (at, last) => { const [node, from] = nodesOf().find(([n, f]) => (last ? at <= f + n.length : at < f + n.length)); return [node, at - from]; };
  const selection = getSelection();
  selection.setBaseAndExtent(...place(start, false), ...place(end, true));
  const rect = selection.getRangeAt(0).getBoundingClientRect();
  if (rect.top < 60 || rect.bottom > innerHeight - 80) scrollBy({ top: rect.top - innerHeight / 3 });
}

function choose(id) {
  if (!text) return;
  const selection = getSelection();
  choice.form = one(`#${id}`);
  if (!selection.isCollapsed && text.contains(selection.anchorNode) && text.contains(selection.focusNode)) return take();
  choice.words = Array.from(whole().matchAll(/[^\s.,;:()]+(?:[.,:\-][^\s.,;:()]+)*/g), (m) => [m.index, m.index + m[0].length]);
  const mark = text.querySelector("mark.anchor") || text.querySelector("mark.evidence");
  const start = mark ? offsetOf(mark.firstChild, 0) : 0;
  choice.from = choice.to = Math.max(0, choice.words.findIndex(([, end]) => end > start));
  text.classList.add("choosing");
  document.activeElement.blur();
  selectWords();
}

function take() {
  const range = getSelection().getRangeAt(0);
  const start = points(offsetOf(range.startContainer, range.startOffset));
  const end = points(offsetOf(range.endContainer, range.endOffset));
  const suffix = choice.form.id === "split" ? "_2" : "";
  choice.form.elements[`start${suffix}`].value = start;
  choice.form.elements[`end${suffix}`].value = end;
  choice.form.querySelector("[data-words]").textContent = getSelection().toString();
  const form = choice.form;
  form.dispatchEvent(new Event("input"));
  leave();
  if (form.dataset.panel !== undefined) show(form.id, true);
  else { const more = form.closest("details"); if (more) more.open = true; form.querySelector("select, button:not([type=button])").focus(); form.scrollIntoView({ block: "nearest" }); }
}

function leave() {
  choice.form = null;
  text.classList.remove("choosing");
}

const moves = {
  ArrowRight: (more) => { choice.to = Math.min(choice.to + 1, choice.words.length - 1); if (!more) choice.from = choice.to; },
  ArrowLeft: (more) => { if (more) choice.to = Math.max(choice.to - 1, choice.from); else choice.from = choice.to = Math.max(choice.from - 1, 0); },
  ArrowDown: () => { choice.from = choice.to = Math.min(choice.to + 10, choice.words.length - 1); },
  ArrowUp: () => { choice.from = choice.to = Math.max(choice.from - 10, 0); },
};
for (const opener of all("[data-select]")) {
  opener.addEventListener("mousedown", (event) => event.preventDefault()); // keep what is selected
  opener.addEventListener("click", () => choose(opener.dataset.select));
}

// What is typed follows its curator: the server keeps it, and this browser until the server has it.
function typed(form) {
  const ticks = Array.from(form.querySelectorAll("input[type=checkbox]"), (box) => [box.name, box.checked ? "yes" : ""]);
  return Object.fromEntries([...new FormData(form), ...ticks].filter(([name]) => !["seen", "then"].includes(name)));
}

function retype(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value === "yes"; else field.value = value;
  }
  const words = form.querySelector("[data-words]");
  if (words && fields.end) words.textContent = Array.from(whole()).slice(fields.start, fields.end).join("");
}

for (const form of all("[data-draft]")) {
  const [address, here] = [`/api/v1/drafts/${form.dataset.draft}`, `typed-${form.dataset.draft}`];
  let timer = 0;
  const send = () => {
    const body = localStorage.getItem(here);
    fetch(address, { method: "PUT", headers: { "content-type": "application/json" }, body, keepalive: true }).then(
      (answer) => { if (answer.ok && localStorage.getItem(here) === body) localStorage.removeItem(here); },
      () => {}, // it stays here, and is sent when the page is opened again
    );
  };
  const unsent = localStorage.getItem(here);
  const kept = unsent || form.dataset.kept;
  if (kept) retype(form, JSON.parse(kept).fields);
  if (unsent) send();
  form.addEventListener("input", () => {
    localStorage.setItem(here, JSON.stringify({ fields: typed(form) }));
    clearTimeout(timer);
    timer = setTimeout(send, 500);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); localStorage.removeItem(here); });
}
const asked = location.hash && one(`[data-panel]${location.hash}`);
if (asked) show(asked.id, true);

// In a list with buttons in each row (the whole abstract), a key goes to the row in focus.
function quick(key) {
  const row = document.activeElement.closest("[data-rows] > li");
  const button = row && row.querySelector(`[data-quick="${key}"]`);
  if (button) button.click();
  const asked = button && button.closest("details[open]");
  if (asked) asked.querySelector("select").focus();
  return Boolean(button);
}

const help = one("#keys");
const actions = {
  j: () => step(1),
  k: () => step(-1),
  a: () => quick("a") || press("a"),
  r: () => quick("r") || press("r"),
  c: () => quick("c") || press("c"),
  u: () => press("u"),
  m: () => { const more = one("#more"); if (more) { more.open = !more.open; if (more.open) more.querySelector("select").focus(); } },
  n: () => press("n"),
  w: () => { if (one("#correct")) choose("correct"); },
  v: () => press("v"),
  e: () => press("e"),
  t: () => press("t"),
  s: () => { const link = one("a[rel=next]"); if (link) link.click(); },
  "/": () => { const box = one("[data-search]"); if (box) { const side = box.closest("details"); if (side) side.open = true; box.focus(); } else location.assign("/findings#search"); },
  "?": () => help.showModal(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.repeat && !choice.form) || event.isComposing || help.open) return;
  if (choice.form) {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter") take();
    else if (moves[event.key]) { moves[event.key](event.shiftKey); selectWords(); }
    event.preventDefault();
    return;
  }
  const typing = event.target.closest && event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (event.key === "Escape") {
    show("", false);
    if (event.target.blur) event.target.blur();
    return;
  }
  if (typing || !Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
});

const alerting = one("[data-focus]");
if (alerting) alerting.focus();
