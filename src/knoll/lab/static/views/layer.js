// One layer: what it is given and what it makes of it, one number of that, its words, its size worked out, its cost.
import { mountCell } from "../cell.js";
import { element, html } from "../dom.js";
import { maps, outline, place } from "../maps.js";

const OPEN = ["size", "layers"];

export function mount(root, lab) {
  const title = element("h2", { class: "title" });
  const introduction = html("div", { class: "knoll-document introduction" }, "");
  const flow = element("div", { class: "flow" });
  const legend = element("p", { class: "hint" });
  const cell = mountCell(lab);
  const sections = element("div", { class: "sections" });
  const opened = new Set(OPEN);
  let shown = null;
  root.append(title, introduction, flow, legend, cell.root, sections);

  const choose = (index) => lab.change({ cell: index.join(",") });

  function draw() {
    const { layer, introduction: words, inputs, outputs, sections: parts, picture, given, made, notes, refused } = lab.layer;
    title.textContent = layer;
    for (const part of [introduction, flow, legend, sections]) part.hidden = Boolean(refused);
    if (refused) return;
    introduction.innerHTML = words + notes;
    legend.textContent = told(lab);
    const focused = [...flow.querySelectorAll("button.cells")].indexOf(lab.place.activeElement);
    flow.replaceChildren(
      stack(lab.say("input"), inputs, picture ? [coloured(picture, given[0], lab)] : maps(given, lab)),
      element("span", { class: "arrow", "aria-hidden": "true" }, element("span", {}, "→")),
      stack(lab.say("output"), outputs, maps(made, lab, choose, given[0]?.rank > 3 ? given[0].columns : null)),
    );
    if (focused >= 0) flow.querySelectorAll("button.cells")[focused]?.focus();
    sections.replaceChildren(...parts.map(({ name, html: text }) => {
      const part = element("details", { open: opened.has(name), ontoggle: () => opened[part.open ? "add" : "delete"](name) },
        element("summary", {}, lab.say(`section_${name}`)), html("div", { class: "knoll-document" }, text));
      return part;
    }));
  }

  function mark(found) {
    const forward = (lab.setting.way ?? "forward") === "forward";
    for (const frame of flow.querySelectorAll(".stack:first-child .cells")) {
      const read = frame.classList.contains("picture") || found?.channels.includes(frame.map.prefix.at(-1));
      outline(frame, read ? found?.box : null, forward ? "window" : "gradient");
    }
    for (const frame of flow.querySelectorAll(".stack:last-child .cells")) {
      const { prefix } = frame.map;
      const own = found && prefix.every((at, axis) => found.index[axis] === at);
      const [row, column] = found ? place(frame.map, found.index) : [0, 0];
      frame.chosen = found ? [row, column] : null;
      outline(frame, own ? [row, column, 1, 1] : null, "winner");
    }
  }

  return async () => {
    if (shown !== lab.layer) { shown = lab.layer; draw(); }
    mark(await cell.update());
  };
}

function coloured(picture, map, lab) {
  const frame = element("div", { class: "cells picture" }, element("img", { src: picture, alt: lab.say("picture_given"), class: "pixels" }));
  frame.map = map;
  return element("figure", { class: "map" }, frame);
}

// What the colours of the maps mean, and where the weights come from.
export function told(lab) {
  const parts = ["legend", ...(lab.layer.is_random ? ["random_weights"] : [])];
  return parts.map((name) => lab.say(name)).join(lab.language === "zh" ? "" : " ");
}

export function stack(name, shape, pictures) {
  return element("figure", { class: "stack" }, element("figcaption", {}, `${name} `, element("b", {}, shape)), element("div", { class: "maps" }, ...pictures));
}
