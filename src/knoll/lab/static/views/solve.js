// Questions asked from the result: which values, or which layers, give a wanted size.
import { element, html } from "../dom.js";

export function mount(root, lab) {
  const wanted = element("input", { id: "wanted", type: "text", placeholder: "16x16", autocomplete: "off" });
  const kernel = element("input", { id: "kernel", type: "text", placeholder: "3", autocomplete: "off" });
  const kind = element("select", { id: "solve-kind" }, ...["", "conv", "pool", "transpose"].map((name) => element("option", { value: name }, lab.say(`kind_${name || "any"}`))));
  const form = element("form", { class: "asked", onsubmit: (event) => { event.preventDefault(); ask(); } },
    labelled(lab.say("wanted"), wanted), labelled(lab.say("with_kernel"), kernel), labelled(lab.say("of_kind"), kind),
    element("button", { class: "main" }, lab.say("solve")));
  const ask = () => lab.change({ wanted: wanted.value.trim(), kernel: kernel.value.trim(), kind: kind.value });
  const found = element("div", {});
  root.append(element("h2", {}, lab.say("solve_title")), element("p", {}, lab.say("solve_hint")), form, found);

  return async () => {
    found.replaceChildren();
    const { before, wanted: size, now, arguments: own, layers, words } = await lab.fetch("solve");
    if (lab.place.activeElement !== wanted) wanted.value = lab.setting.wanted ?? size;
    kernel.value = lab.setting.kernel ?? "";
    kind.value = lab.setting.kind ?? "";
    found.replaceChildren(
      element("p", { class: "sizes" }, lab.say("sizes", { before, wanted: size, now: now || "–" })),
      element("h3", {}, lab.say("own_arguments")),
      own.length ? list(own, lab) : element("p", {}, lab.say("no_argument")),
      element("h3", {}, lab.say("other_layers")),
      layers.length ? list(layers, lab) : html("div", { class: "knoll-document" }, words),
    );
  };
}

function labelled(text, field) {
  return element("div", { class: "field" }, element("label", { for: field.id }, text), field);
}

function list(found, lab) {
  return element("ul", { class: "found" }, ...found.map(({ told, layer }) => element("li", {},
    element("code", {}, told),
    element("button", { type: "button", "aria-label": lab.say("try_it", { layer: told }), onclick: () => lab.change({ layer, cell: null, view: null }) }, lab.say("try")))));
}
