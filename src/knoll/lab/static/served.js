// A view that the server writes as HTML: what is chosen in it changes the setting, and focus, folds and scrolling stay.
import { element } from "./dom.js";

// Puts the HTML of a view into its root whenever it is updated; `shown` is called with what the server gave;
// `fields` is the view with the fields in which something else is chosen where there is nothing to show.
export function served(root, lab, view, { shown = () => {}, fields = "" } = {}) {
  root.classList.add("served");
  root.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-set]");
    if (chosen && !chosen.disabled) lab.change(JSON.parse(chosen.dataset.set));
  });
  root.addEventListener("change", (event) => {
    const field = event.target;
    if (field.dataset.name) lab.change({ [field.dataset.name]: field.value, ...(CLEARS[field.dataset.name] ?? {}) });
    if (field.type === "file" && field.files[0]) give(field, lab);
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.querySelector("input[name]");
    if (field.value.trim()) lab.change({ [field.name]: field.value.trim(), ...CLEARS[field.name] });
  });
  return async () => {
    root.setAttribute("aria-busy", "true");
    if (!root.hasChildNodes()) root.append(element("p", { class: "told" }, lab.say("working")));
    try {
      const found = await lab.fetch(view, { room: Math.floor(root.clientWidth) });
      put(root, found.html);
      shown(found);
    } catch (error) {
      await refuse(root, lab, fields, error.message === "Failed to fetch" ? lab.say("gone") : error.message);
    } finally {
      root.removeAttribute("aria-busy");
    }
  };
}

// What another network, picture or size takes back.
const ANEW = { at: null, place: null, step: null, measure: null };
const CLEARS = { net: { ...ANEW, weights: null }, input: { place: null }, size: ANEW };

// Why there is nothing to show, below the fields in which it can be mended.
async function refuse(root, lab, fields, reason) {
  if (fields && !root.querySelector("form"))
    try { put(root, (await lab.fetch(fields)).html); } catch { /* the reason is told in any case */ }
  const kept = [...root.querySelectorAll("form")];
  root.replaceChildren(...kept, element("div", { class: "refused", role: "alert" }, element("pre", {}, reason)));
}

// Gives the server a picture or a file of weights, and takes over what these are named.
async function give(field, lab) {
  if (field.files[0].size > field.dataset.most) { lab.tell(field.dataset.refusal, true); return; }
  try {
    const answer = await fetch(`${field.dataset.give}?language=${lab.language}`, { method: "POST", body: field.files[0] });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error);
    lab.change(field.dataset.give === "image" ? { input: `image:${found.name}`, ...CLEARS.input } : { ...CLEARS.net, ...found });
  } catch (error) {
    lab.tell(error.message === "Failed to fetch" ? lab.say("gone") : error.message, true);
  }
}

// Replaces what is shown by newer HTML.
export function put(root, html) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  const folds = new Map([...root.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  const places = new Map([...root.querySelectorAll("[id]")].map((each) => [each.id, [each.scrollLeft, each.scrollTop]]));
  root.innerHTML = html;
  for (const each of root.querySelectorAll("details[id]")) if (folds.has(each.id)) each.open = folds.get(each.id);
  for (const each of root.querySelectorAll("[id]"))
    if (places.has(each.id)) [each.scrollLeft, each.scrollTop] = places.get(each.id);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
