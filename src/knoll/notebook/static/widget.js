// The lab in a notebook: its state and what is shown are traits of the widget, so that a saved page shows them, too.
import { element } from "../lab/dom.js";
import { explore } from "../lab/explorer.js";
import { mount as compare } from "../lab/views/compare.js";
import { mount as layer } from "../lab/views/layer.js";
import { mount as solve } from "../lab/views/solve.js";
import { mount as takeaway } from "../lab/views/takeaway.js";

const VIEWS = { layer, compare, solve, takeaway };
const PATIENCE = 60_000;  // milliseconds that an answer may take

export function render({ model, el }) {
  const place = el.attachShadow({ mode: "open" });  // where the notebook's style does not reach
  const parts = {
    whole: element("div", { class: "knoll-lab knoll-notebook", "data-theme": theme() }),
    tabs: element("div", { id: "tabs", role: "tablist", "aria-label": model.get("page").words.tabs }),
    panel: element("section", { id: "panel", "aria-label": model.get("page").words.panel }),
    view: element("div", { id: "view", role: "tabpanel", tabindex: "-1" }),
    status: element("p", { id: "status", role: "status" }),
  };
  parts.whole.append(parts.tabs, element("main", {}, parts.panel, parts.view), parts.status);
  place.append(element("style", {}, STYLE), parts.whole);
  for (const name of ["keydown", "keypress", "paste"])  // which would be commands of the notebook
    parts.whole.addEventListener(name, (event) => event.stopPropagation());

  const waiting = new Map();  // what to do with the answer to a question, by its number
  const settle = () => {
    const { number, view, found, error } = model.get("answer");
    const told = waiting.get(number);
    if (!told) return;
    waiting.delete(number);
    if (error !== undefined) told.reject(new Error(error));
    else told.resolve(found ?? model.get(`${view}_view`).found);
  };
  const asked = (question, changes = {}) => new Promise((resolve, reject) => {
    const number = `${Date.now()}-${Math.random()}`;  // also unlike those of another page that shows this widget
    waiting.set(number, { resolve, reject });
    setTimeout(() => { if (waiting.delete(number)) reject(new Error(model.get("page").words.gone_kernel)); }, PATIENCE);
    for (const [name, value] of Object.entries({ ...changes, question: { ...question, number } })) model.set(name, value);
    model.save_changes();
  });
  model.on("change:answer", settle);

  const lab = explore({ ...model.get("page"), setting: { ...model.get("setting") }, place }, parts, {
    views: Object.fromEntries(Object.entries(VIEWS).map(([name, mount]) => [name, () => ({ mount })])),
    keep(setting) {
      model.set("setting", { ...setting });
      model.save_changes();
    },
    async give(file) {
      return asked({ view: "picture" }, { picture: new DataView(await file.arrayBuffer()) });
    },
    ask(view, { room, ...query }) {
      const shown = model.get(`${view}_view`);
      return shown.query && same(shown.query, query) ? Promise.resolve(shown.found) : asked({ view, query });
    },
  });
  const another = () => {
    if (same(lab.setting, model.get("setting"))) return;
    lab.setting = { ...model.get("setting") };
    lab.show();
  };
  model.on("change:setting", another);
  lab.show();
  return () => {
    model.off("change:answer", settle);
    model.off("change:setting", another);
  };
}

const same = (one, other) => text(one) === text(other);
const text = (values) => JSON.stringify(Object.entries(values).sort());

// The theme of the notebook, else that which the reader prefers.
function theme() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false" ? "dark" : "light";
  const named = document.body.className.match(/vscode-(dark|light)/)?.[1] ?? document.documentElement.getAttribute("theme");
  return named ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}
