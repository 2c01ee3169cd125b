// Two layers side by side, given the same: what differs, what each makes, and both at work.
import { element, html } from "../dom.js";
import { maps } from "../maps.js";
import { stack, told } from "./layer.js";

export function mount(root, lab) {
  const field = element("textarea", { id: "other", rows: 2, spellcheck: "false", onchange: () => lab.change({ other: field.value.trim() }) });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    lab.change({ other: field.value.trim() });
  });
  const swap = element("button", { type: "button", onclick: () => lab.change({ layer: field.value.trim(), other: lab.layer.layer, cell: null }) }, lab.say("swap"));
  const table = html("div", { class: "knoll-document" }, "");
  const sides = element("div", { class: "sides" });
  const apart = element("div", {});
  const frame = element("iframe", { class: "player-frame", title: lab.say("both"), hidden: true });
  const both = element("button", { type: "button", class: "main", onclick: () => { frame.hidden = false; frame.src = lab.address("animation", { kind: "compare", other: field.value.trim() }); } }, lab.say("both"));
  const legend = element("p", { class: "hint" });
  root.append(
    element("h2", {}, lab.say("compare_title")), element("p", {}, lab.say("compare_hint")),
    legend,
    element("div", { class: "field" }, element("label", { for: "other" }, lab.say("other")), field), swap, table, sides, apart, both, frame);
  let shown = "";

  return async () => {
    const found = await lab.fetch("compare");
    if (lab.place.activeElement !== field || !lab.setting.other) field.value = found.sides[1].layer;
    table.innerHTML = found.table;
    legend.textContent = told(lab);
    sides.replaceChildren(...found.sides.map((side) => element("div", { class: "side" },
      element("h3", { class: "title" }, side.name || side.layer),
      side.refused ? element("pre", { class: "refused" }, side.refused) : stack(lab.say("output"), side.outputs, maps(side.made, lab)))));
    apart.replaceChildren(...(found.difference.length ? [element("h3", {}, lab.say("difference", { largest: found.largest })), element("div", { class: "maps" }, ...maps(found.difference, lab))] : []));
    both.hidden = !lab.address || found.sides.some((side) => side.refused);
    const now = found.sides.map((side) => side.layer).join() + lab.setting.input;
    if (now !== shown) { frame.hidden = true; frame.removeAttribute("src"); shown = now; }
  };
}
