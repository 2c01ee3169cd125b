// What is looked at, the tabs, and one request at a time for what is shown: on the page of the lab and in a notebook.
import { element } from "./dom.js";
import { mountPanel } from "./panel.js";

// The tabs with a panel, which are about the layer that it sets.
export const ABOUT_A_LAYER = ["layer", "compare", "solve", "takeaway"];

// Brings the page to life. `parts` are its elements: `whole`, which has the class `with-panel` where there is one,
// `tabs`, `panel`, `view`, `status`. `way` is how it reaches Knoll: `ask(view, query, signal)` for what a view shows,
// `give(file)` for the name of a picture, `keep(setting, quietly)`, and `address(path, values)` of a file, where there
// are any; `views` are its tabs in their order, each a function that gives its module. `place` is the document or the
// shadow root that all of it is in.
export function explore({ words, families, language, setting, place }, parts, way) {
  const mounted = new Map(), names = Object.keys(way.views);
  let known = null;  // the setting that `lab.layer` was fetched for
  let running = false, waiting = false;

  const lab = {
    words, families, language, setting, place, layer: null, address: way.address, give: way.give,

    // The word of a name, its {placeholders} filled.
    say(name, values = {}) {
      const text = words[name] ?? name;
      return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
    },

    // Takes over other values of the setting and shows what follows; `quietly` leaves no step to go back to.
    change(values, quietly = false) {
      for (const [name, value] of Object.entries(values))
        if (value === null || value === undefined || value === "") delete lab.setting[name];
        else lab.setting[name] = String(value);
      way.keep(lab.setting, quietly);
      return lab.show();
    },

    // What a view shows of the setting, with other values; errors are thrown with their sentence.
    fetch: (view, values = {}, signal = undefined) => way.ask(view, lab.values(values), signal),

    // Tells a screen reader, and shows for a while, what happened.
    tell(text, isError = false) {
      parts.status.textContent = text;
      parts.status.classList.toggle("error", isError);
    },

    // The setting with other values, without those that are left open.
    values: (others) => Object.fromEntries(Object.entries({ ...lab.setting, language, ...others })
      .filter(([name, value]) => name !== "t" && value !== null && value !== undefined && value !== "")),

    // Shows the setting; while an answer is awaited the next one waits, and only the last that waits is asked for.
    async show() {
      if (running) { waiting = true; return; }
      running = true;
      try {
        do { waiting = false; await shown(); } while (waiting);
      } finally {
        running = false;
      }
    },

    isBusy: () => running,
  };
  const panel = mountPanel(parts.panel, lab);
  tabs();
  return lab;

  async function shown() {
    const current = names.includes(lab.setting.view) ? lab.setting.view : names[0];
    try {
      if (ABOUT_A_LAYER.includes(current)) await refresh();
      const update = await mount(current);
      await update?.();
      lab.tell("");
    } catch (error) {
      lab.tell(error.message === "Failed to fetch" ? lab.say("gone") : error.message, true);
    }
  }

  async function refresh() {
    const asked = { ...lab.setting }, about = JSON.stringify({ ...asked, cell: null, way: null, view: null });
    if (about === known) return;
    lab.layer = await lab.fetch("layer", { cell: null, way: null, view: null });
    known = about;
    const changes = Object.keys(asked).filter((name) => name.startsWith("set."));
    for (const name of changes) if (lab.setting[name] === asked[name]) delete lab.setting[name];
    lab.setting.layer = lab.layer.layer;
    way.keep(lab.setting, true);
    panel.update();
  }

  async function mount(current) {
    for (const button of parts.tabs.querySelectorAll("[role=tab]")) {
      const chosen = button.dataset.name === current;
      button.setAttribute("aria-selected", chosen);
      button.tabIndex = chosen ? 0 : -1;
      if (chosen) button.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    parts.whole.classList.toggle("with-panel", ABOUT_A_LAYER.includes(current));
    if (!mounted.has(current)) {
      const root = element("div", { class: "view" });
      const { mount } = await way.views[current]();
      mounted.set(current, { root, update: mount(root, lab) });
    }
    const { root, update } = mounted.get(current);
    if (parts.view.firstElementChild !== root) parts.view.replaceChildren(root);
    parts.view.setAttribute("aria-labelledby", `tab-${current}`);
    return update;
  }

  function tabs() {
    for (const name of names)
      parts.tabs.append(element("button", {
        role: "tab", type: "button", id: `tab-${name}`, "data-name": name, "aria-controls": parts.view.id,
        onclick: () => lab.change({ view: name }),
      }, lab.say(`tab_${name}`)));
    parts.tabs.addEventListener("keydown", (event) => {
      const buttons = [...parts.tabs.children], at = buttons.indexOf(place.activeElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (next === undefined || at < 0) return;
      event.preventDefault();
      const button = buttons[(next + buttons.length) % buttons.length];
      button.focus();
      button.click();
    });
  }
}
