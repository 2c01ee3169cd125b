// One number of the output: what it is made of, where its gradient goes, and a player that walks over its channel.
import { element, html } from "./dom.js";
import { index, place as placeOf } from "./maps.js";

const PACE = 900; // milliseconds for each number

export function mountCell(lab) {
  const caption = element("p", { class: "caption", id: "caption", "aria-live": "polite" });
  const scene = element("div", { class: "scene", tabindex: "0", role: "group", "aria-label": lab.say("cell_drawing") });
  const sum = html("div", { class: "knoll-document sum" }, "");
  const ways = ["forward", "backward"].map((way) => element("button", {
    type: "button", "aria-pressed": "false", "data-way": way,
    onclick: () => { pause(); lab.change({ way: way === "forward" ? null : way }); },
  }, lab.say(way)));
  const head = element("select", { id: "head", onchange: () => { pause(); lab.change({ head: head.value }); } });
  const heads = element("label", { class: "heads", hidden: true }, lab.say("head"), head);
  const button = (name, sign, action) => element("button", { type: "button", title: lab.say(name), "aria-label": lab.say(name), onclick: action }, sign);
  const toggle = button("play", "▶", () => (timer ? pause() : play()));
  const slider = element("input", { type: "range", min: 1, "aria-label": lab.say("number"), oninput: () => { pause(); go(Number(slider.value) - 1); } });
  const count = element("output", {});
  const root = element("section", { class: "cell", "aria-labelledby": "cell-title" },
    element("h3", { id: "cell-title" }, lab.say("cell_title")),
    element("p", { class: "hint" }, lab.say("cell_hint")),
    element("div", { class: "player" },
      element("div", { class: "ways", role: "group", "aria-label": lab.say("way") }, ...ways), heads,
      button("back", "‹", () => { pause(); go(place() - 1); }), toggle, button("on", "›", () => { pause(); go(place() + 1); }), slider, count),
    caption, sum, scene);
  let chosen = null, timer = 0, asked = "";

  // The map that the chosen number belongs to, and its place there in reading order.
  const own = () => lab.layer.made.find(({ prefix }) => prefix.every((at, axis) => chosen?.[axis] === at)) ?? lab.layer.made[0];
  const place = () => {
    const map = own(), [row, column] = chosen ? placeOf(map, chosen) : [0, 0];
    return row * map.columns + column;
  };
  const go = (next) => {
    const map = own(), total = map.rows * map.columns, at = (next + total) % total;
    return lab.change({ cell: index(map, Math.floor(at / map.columns), at % map.columns).join(",") }, true);
  };
  function play() {
    const step = async () => {
      await go(place() + 1);
      if (timer) timer = setTimeout(step, PACE);
    };
    timer = setTimeout(step, 0);
    sign();
  }
  function pause() { clearTimeout(timer); timer = 0; sign(); }
  function sign() {
    toggle.textContent = timer ? "❚❚" : "▶";
    toggle.title = toggle.ariaLabel = lab.say(timer ? "pause" : "play");
  }

  scene.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell^='output ']");
    if (!cell) return;
    pause();
    const inside = cell.dataset.cell.slice(7).split(",").map(Number), { rank, across } = lab.layer.made[0];
    const found = across ? [inside[0], 0, inside.at(-1)] : rank > 2 ? [0, ...inside] : inside.slice(inside.length - rank);
    lab.change({ cell: found.join(",") });
  });

  // The heads of an attention; one that another layer does not have is chosen no longer.
  function choices() {
    const count = lab.layer.heads, is_shown = count > 1 && lab.setting.way !== "backward";
    if (!(Number(lab.setting.head) < count)) delete lab.setting.head;
    heads.hidden = !is_shown;
    const names = ["", ...Array(is_shown ? count : 0).keys()];
    if (head.options.length !== names.length)
      head.replaceChildren(...names.map((each) => element("option", { value: each }, each === "" ? lab.say("head_mean") : `${each}`)));
    head.value = lab.setting.head ?? "";
  }

  // Shows the chosen number; gives what was found, or null where the layer is not possible.
  async function update() {
    root.hidden = Boolean(lab.layer.refused);
    if (root.hidden) { pause(); return null; }
    choices();
    const room = Math.max(300, Math.floor(root.clientWidth || 860) - 40);
    let found;
    try {
      found = await lab.fetch("cell", { room });
    } catch (error) {
      if (!lab.setting.cell) throw error;
      delete lab.setting.cell;  // another layer has no such number
      found = await lab.fetch("cell", { room });
    }
    chosen = found.index;
    caption.textContent = found.caption;
    sum.innerHTML = found.sum;
    if (asked !== found.scene) scene.innerHTML = asked = found.scene;
    for (const way of ways) way.setAttribute("aria-pressed", way.dataset.way === (lab.setting.way ?? "forward"));
    const map = own();
    slider.max = map.rows * map.columns;
    slider.value = place() + 1;
    count.textContent = `${place() + 1} / ${slider.max}`;
    return found;
  }
  return { root, update };
}
