// What is looked at: the layer, what it is given, and a control for each of its arguments.
import { element, html } from "./dom.js";

const SIDES = [8, 16, 24, 28, 32, 48, 64];

export function mountPanel(root, lab) {
  const kinds = layers(lab), text = written(lab), input = inputs(lab);
  const refused = element("div", { class: "refused", role: "alert", hidden: true });
  const controls = element("div", { class: "controls" });
  const strip = element("div", { class: "strip", "aria-hidden": "true" });
  const mode = element("select", { id: "mode", onchange: () => lab.change({ mode: mode.value === "eval" ? "eval" : null }) },
    ...["train", "eval"].map((name) => element("option", { value: name }, lab.say(`mode_${name}`))));
  const modes = element("div", { class: "field" }, element("label", { for: "mode" }, lab.say("mode")), mode);
  root.append(
    element("div", { class: "field" }, element("label", { for: "kind" }, lab.say("pick")), kinds),
    element("div", { class: "field" }, element("label", { for: "text" }, lab.say("write")), text),
    strip, refused, controls, modes, input.root,
  );
  const rows = new Map();
  let shownKind = "";

  function update() {
    const { layer, controls: given, words, refused: why } = lab.layer;
    const kind = layer.slice(0, layer.indexOf("("));
    kinds.value = [...kinds.options].some((each) => each.value === kind) ? kind : "";
    if (lab.place.activeElement !== text) text.value = layer;
    if (kind !== shownKind || given.length !== rows.size) {
      shownKind = kind;
      rows.clear();
      controls.replaceChildren(...given.map((each) => {
        const row = control(each, lab);
        rows.set(each.name, row);
        return row.root;
      }));
    }
    for (const each of given) rows.get(each.name)?.update(each, words[each.name] ?? "");
    modes.hidden = !lab.layer.has_modes;
    mode.value = lab.setting.mode ?? "train";
    input.update();
    strip.hidden = Boolean(why);
    strip.replaceChildren(element("b", {}, `${lab.layer.inputs} → ${lab.layer.outputs}`),
      ...lab.layer.made.slice(0, 4).map(({ image }) => {
        const small = element("span", {});
        small.style.backgroundImage = `url(${image})`;
        return small;
      }));
    refusal(refused, why, lab);
  }
  return { update };
}

function layers(lab) {
  const picker = element("select", { id: "kind", onchange: () => {
    const text = picker.selectedOptions[0].dataset.text;
    if (text) lab.change({ layer: text, cell: null, changed: null, other: null });
  } });
  picker.append(element("option", { value: "" }, lab.say("own_layer")));
  for (const [family, kinds] of Object.entries(lab.families))
    picker.append(element("optgroup", { label: lab.say(`family_${family}`) },
      ...Object.entries(kinds).map(([name, layer]) => element("option", { value: name, "data-text": layer }, name))));
  return picker;
}

function written(lab) {
  const field = element("textarea", {
    id: "text", rows: 2, spellcheck: "false", autocapitalize: "off", autocomplete: "off",
    onchange: () => lab.change({ layer: field.value.trim(), cell: null, changed: null }),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      lab.change({ layer: field.value.trim(), cell: null, changed: null });
    },
  });
  return field;
}

// Why the layer is not possible, with a button for each layer next to it.
function refusal(root, why, lab) {
  root.hidden = !why;
  if (!why) { root.replaceChildren(); return; }
  const offers = why.offers.map(({ layer, size, change }) => element("button", {
    type: "button", onclick: () => lab.change({ layer, size, cell: null }),
  }, lab.say("take", { change })));
  root.replaceChildren(
    element("strong", {}, lab.say("impossible")),
    element("pre", {}, why.reason),
    ...(offers.length ? [element("p", {}, lab.say("nearest")), element("div", { class: "offers" }, ...offers)] : []),
  );
}

// One argument: its name, a slider or a list, a field, and a button that shows its words.
function control(given, lab) {
  const { name, kind } = given, id = `argument-${name}`;
  const words = html("div", { class: "words knoll-document", id: `${id}-words`, hidden: true }, "");
  const more = element("button", {
    type: "button", class: "more", "aria-expanded": "false", "aria-controls": words.id,
    "aria-label": lab.say("what_is", { name }), onclick: () => { lab.closeWords = null; open(words.hidden); },
  }, "?");
  const open = (is) => { words.hidden = !is; more.setAttribute("aria-expanded", is); }, close = () => open(false);
  const change = (value, quietly) => {
    for (const other of lab.place.querySelectorAll(".argument.changed")) other.classList.remove("changed");
    root.classList.add("changed");
    if (lab.closeWords !== close) lab.closeWords?.();
    lab.closeWords = close;
    open(true);
    lab.change({ [`set.${name}`]: value, changed: name }, quietly);
  };
  const field = fieldOf(given, id, change, lab);
  const slider = kind === "count" || kind === "number" ? sliderOf(given, lab, change, field) : null;
  const root = element("div", { class: `argument ${kind}` },
    element("label", { for: id }, ...breakable(name)), slider, field, more, words);

  function update(now, told) {
    root.classList.toggle("usual", now.usual);
    if (lab.place.activeElement !== field || kind === "flag")
      if (kind === "flag") field.checked = now.value === "True"; else field.value = now.value;
    if (slider && lab.place.activeElement !== slider && !Number.isNaN(Number(now.value))) slider.value = now.value;
    if (kind === "choice") options(field, now, lab);
    words.innerHTML = told;
    more.hidden = !told;
  }
  return { root, update };
}

// A name that may go on in the next line after each of its underscores.
const breakable = (name) => name.split(/(?<=_)/).flatMap((part, at) => (at ? [element("wbr"), part] : [part]));

function fieldOf(given, id, change, lab) {
  const { kind, value } = given;
  if (kind === "flag") {
    const box = element("input", { id, type: "checkbox", onchange: () => change(box.checked ? "True" : "False") });
    return box;
  }
  if (kind === "choice") {
    const list = element("select", { id, onchange: () => change(list.value) });
    options(list, given, lab);
    return list;
  }
  const field = element("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", onchange: () => change(field.value) });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step || Number.isNaN(Number(field.value)) || kind !== "count") return;
    event.preventDefault();
    field.value = Number(field.value) + step;
    change(field.value);
  });
  return field;
}

function options(list, { choices, value, not_in_pytorch: lacking }, lab) {
  const words = (each) => (lacking.includes(each) ? lab.say("not_in_pytorch", { value: each }) : each);
  if (list.options.length !== choices.length)
    list.replaceChildren(...choices.map((each) => element("option", { value: each }, words(each))));
  list.value = value;
}

function sliderOf({ name, least, most, step, value }, lab, change, field) {
  const slider = element("input", {
    type: "range", min: least, max: most, step, value, "aria-label": name,
    oninput: () => { field.value = slider.value; change(slider.value, true); },
    onchange: () => change(slider.value),
  });
  return slider;
}

// What the layer is given: a picture of the lab, one that is dropped or chosen, a matrix, or the layer's own numbers.
function inputs(lab) {
  const pick = element("select", { id: "input" },
    ...["mound", "digit", "matrix", "numbers"].map((name) => element("option", { value: name }, lab.say(`input_${name}`))));
  const own = element("option", { value: "own", hidden: true }, lab.say("input_own"));
  pick.append(own);
  const matrix = element("textarea", { id: "matrix", rows: 5, spellcheck: "false", hidden: true, "aria-label": lab.say("matrix"),
    onchange: () => lab.change({ input: matrix.value.trim().replaceAll("\n", "; "), cell: null }) });
  const size = element("select", { id: "size", onchange: () => lab.change({ size: size.value, cell: null }) },
    ...SIDES.map((side) => element("option", { value: side }, `${side} × ${side}`)));
  const file = element("input", { type: "file", accept: "image/*", id: "file", onchange: () => give(file.files[0]) });
  const numbers = element("div", { class: "numbers" });
  const drop = element("div", { class: "drop" }, element("p", {}, lab.say("drop")), file, element("label", { for: "file" }, lab.say("choose_file")));
  pick.addEventListener("change", () => {
    if (pick.value === "matrix") lab.change({ input: "1 2 0 3 1; 0 1 2 3 1; 1 2 1 0 0; 5 2 3 1 1; 2 1 0 1 1", cell: null });
    else if (pick.value !== "own") lab.change({ input: pick.value, cell: null });
  });
  const root = element("div", { class: "input" },
    element("div", { class: "field" }, element("label", { for: "input" }, lab.say("given")), pick),
    matrix, numbers, drop,
    element("div", { class: "field sized" }, element("label", { for: "size" }, lab.say("size")), size));

  async function give(chosen) {
    if (!chosen) return;
    try {
      const found = await lab.give(chosen);
      lab.change({ input: `image:${found.name}`, cell: null });
    } catch (error) {
      lab.tell(error.message === "Failed to fetch" ? lab.say("gone") : error.message, true);
    }
  }
  lab.place.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("dragging"); });
  lab.place.addEventListener("dragleave", () => drop.classList.remove("dragging"));
  lab.place.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("dragging");
    give(event.dataTransfer.files[0]);
  });

  function update() {
    const now = lab.setting.input ?? "mound", typed = !now.startsWith("image:") && !["mound", "digit", "numbers"].includes(now);
    own.hidden = !now.startsWith("image:");
    const pictureless = lab.layer.has_own && !typed && now !== "numbers";  // the layer takes rows of numbers
    pick.value = typed ? "matrix" : pictureless ? "numbers" : now.startsWith("image:") ? "own" : now;
    drop.hidden = pictureless;
    numbers.innerHTML = lab.layer.numbers;
    matrix.hidden = !typed;
    if (typed && lab.place.activeElement !== matrix) matrix.value = now.replace(/;\s*/g, "\n");
    size.value = lab.setting.size ?? 32;
    root.querySelector(".sized").hidden = typed || pictureless || now === "numbers";
  }
  return { root, update };
}
