// The frame of the page: the state in the address, the tabs, and one request at a time for what is shown.
import { element } from "./dom.js";
import { mountPanel } from "./panel.js";

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.getElementById("view");
const status = document.getElementById("status");
// The tabs in their order; those with a panel are about the layer that it sets.
const TABS = [
  { name: "layer", panel: true },
  { name: "compare", panel: true },
  { name: "solve", panel: true },
  { name: "takeaway", panel: true },
  { name: "network" },
  { name: "compiler" },
  { name: "training" },
];
const EVERY = 500;  // milliseconds between two questions how far the server is
const mounted = new Map();
let known = null;  // the setting that `lab.layer` was fetched for
let running = false, waiting = false;

export const lab = {
  words: data.words,
  families: data.families,
  language: data.language,
  setting: Object.fromEntries(new URLSearchParams(location.search)),
  layer: null,

  // The word of a name, its {placeholders} filled.
  say(name, values = {}) {
    const text = data.words[name] ?? name;
    return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  },

  // Takes over other values of the setting and shows what follows; `quietly` leaves no step to go back to.
  change(values, quietly = false) {
    for (const [name, value] of Object.entries(values))
      if (value === null || value === undefined || value === "") delete lab.setting[name];
      else lab.setting[name] = String(value);
    history[quietly ? "replaceState" : "pushState"](null, "", `?${query(lab.setting)}`);
    return show();
  },

  // What a view of the server shows of the setting, with other values; errors are thrown with their sentence.
  async fetch(view, values = {}, signal = undefined) {
    const asking = setInterval(progress, EVERY);
    try {
      const answer = await fetch(`view/${view}?${query({ ...lab.setting, language: lab.language, ...values })}`, { signal });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.error);
      return found;
    } finally {
      clearInterval(asking);
    }
  },

  // Tells a screen reader, and shows for a while, what happened.
  tell(text, isError = false) {
    status.textContent = text;
    status.classList.toggle("error", isError);
  },

  query: (values) => query({ ...lab.setting, language: lab.language, ...values }),
};

// Tells what the server is doing, where an answer takes long.
async function progress() {
  try {
    const { words } = await (await fetch(`progress?language=${lab.language}`)).json();
    if (running && words) lab.tell(`${words} …`);
  } catch { /* the view itself will say why there is no answer */ }
}

function query(values) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (name !== "t" && value !== null && value !== undefined && value !== "") kept.set(name, value);
  return kept.toString();
}

function tab() {
  return TABS.find((each) => each.name === lab.setting.view) ?? TABS[0];
}

// Shows the setting; while an answer is awaited the next one waits, and only the last that waits is asked for.
async function show() {
  if (running) { waiting = true; return; }
  running = true;
  try {
    do { waiting = false; await shown(); } while (waiting);
  } finally {
    running = false;
  }
}

async function shown() {
  const current = tab();
  try {
    if (current.panel) await refresh();
    const update = await mount(current);
    await update?.();
    lab.tell("");
  } catch (error) {
    lab.tell(error.message === "Failed to fetch" ? lab.say("gone") : error.message, true);
  }
}

async function refresh() {
  const asked = { ...lab.setting }, about = query({ ...asked, cell: null, way: null, view: null });
  if (about === known) return;
  lab.layer = await lab.fetch("layer", { cell: null, way: null, view: null });
  known = about;
  const changes = Object.keys(asked).filter((name) => name.startsWith("set."));
  for (const name of changes) if (lab.setting[name] === asked[name]) delete lab.setting[name];
  lab.setting.layer = lab.layer.layer;
  history.replaceState(null, "", `?${query(lab.setting)}`);
  panel.update();
}

async function mount(current) {
  for (const button of document.querySelectorAll("#tabs [role=tab]")) {
    const chosen = button.dataset.name === current.name;
    button.setAttribute("aria-selected", chosen);
    button.tabIndex = chosen ? 0 : -1;
    if (chosen) button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.body.classList.toggle("with-panel", Boolean(current.panel));
  if (!mounted.has(current.name)) {
    const place = element("div", { class: "view" });
    const { mount } = await import(`./views/${current.name}.js`);
    mounted.set(current.name, { place, update: mount(place, lab) });
  }
  const { place, update } = mounted.get(current.name);
  if (root.firstElementChild !== place) root.replaceChildren(place);
  root.setAttribute("aria-labelledby", `tab-${current.name}`);
  return update;
}

function tabs() {
  const list = document.getElementById("tabs");
  for (const { name } of TABS)
    list.append(element("button", {
      role: "tab", type: "button", id: `tab-${name}`, "data-name": name, "aria-controls": "view",
      onclick: () => lab.change({ view: name }),
    }, lab.say(`tab_${name}`)));
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.children], at = buttons.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    const button = buttons[(next + buttons.length) % buttons.length];
    button.focus();
    button.click();
  });
}

for (const link of document.querySelectorAll("[data-language]")) {
  link.toggleAttribute("aria-current", link.dataset.language === lab.language);
  link.addEventListener("click", () => { link.href = `?${query({ ...lab.setting, language: link.dataset.language })}`; });
}
addEventListener("popstate", () => {
  lab.setting = Object.fromEntries(new URLSearchParams(location.search));
  show();
});
delete lab.setting.t;  // the cookie stands for it from now on
history.replaceState(null, "", `?${query(lab.setting)}`);
const panel = mountPanel(document.getElementById("panel"), lab);
tabs();
show();
