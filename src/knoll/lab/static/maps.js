// Channels as small pictures; those of an output are clicked, or walked over with the arrow keys, to choose a number.
import { element } from "./dom.js";

// The figures of maps; `choose` is called with the index of a number, `columns` are those of a map of the usual width:
// one with half as many is drawn half as wide.
export function maps(given, lab, choose = null, columns = null) {
  return given.map((map) => {
    const picture = element("img", { src: map.image, alt: "", class: "pixels", draggable: "false" });
    const told = lab.say("map", map).trim();
    const frame = choose
      ? element("button", { type: "button", class: "cells", "aria-label": lab.say("choose", { map: told }) }, picture)
      : element("div", { class: "cells", role: "img", "aria-label": told }, picture);
    frame.map = map;
    if (columns && map.rank > 3) frame.style.setProperty("--part", Math.min(Math.max(map.columns / columns, 0.4), 1.4));
    frame.style.aspectRatio = `${map.columns} / ${Math.max(map.rows, map.columns / 12)}`;
    if (choose) listen(frame, map, choose);
    return element("figure", { class: "map" }, frame,
      element("figcaption", {}, map.name ? element("b", {}, map.name) : null, ` ${map.low} … ${map.high}`));
  });
}

function listen(frame, map, choose) {
  const at = () => frame.chosen ?? [Math.floor(map.rows / 2), Math.floor(map.columns / 2)];
  frame.addEventListener("click", (event) => {
    const box = frame.getBoundingClientRect();
    const place = event.detail === 0 ? at() : [
      Math.floor((event.clientY - box.top) / box.height * map.rows),
      Math.floor((event.clientX - box.left) / box.width * map.columns),
    ];
    choose(index(map, ...place));
  });
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [row, column] = at();
    choose(index(map, row + step[0], column + step[1]));
  });
}

// The index of a place of a map in the array.
export function index({ prefix, rank, rows, columns, across }, row, column) {
  const inside = [Math.min(Math.max(row, 0), rows - 1), Math.min(Math.max(column, 0), columns - 1)];
  if (across) return [inside[0], 0, inside[1]];
  return [...prefix, ...inside.slice(Math.max(2 - rank, 0))];
}

// The row and the column of an index of the array in its map.
export function place({ prefix, across }, found) {
  return across ? [found[0], found[2]] : [0, 0, ...found.slice(prefix.length)].slice(-2);
}

// Outlines a rectangle of a map: top, left, rows, columns; nothing for null.
export function outline(frame, box, name) {
  frame.querySelector(`.${name}`)?.remove();
  if (!box) return;
  const { rows, columns } = frame.map;
  const mark = element("span", { class: `mark ${name}` });
  Object.assign(mark.style, {
    top: `${100 * box[0] / rows}%`, left: `${100 * box[1] / columns}%`,
    height: `${100 * box[2] / rows}%`, width: `${100 * box[3] / columns}%`,
  });
  frame.append(mark);
}
