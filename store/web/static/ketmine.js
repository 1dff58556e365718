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

const help = one("#keys");
const actions = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  r: () => press("r"),
  c: () => press("c"),
  u: () => press("u"),
  s: () => { const link = one("a[rel=next]"); if (link) link.click(); },
  "/": () => { const box = one("[data-search]"); if (box) { const side = box.closest("details.side"); if (side) side.open = true; box.focus(); } else location.assign("/findings#search"); },
  "?": () => help.showModal(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || help.open) return;
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
