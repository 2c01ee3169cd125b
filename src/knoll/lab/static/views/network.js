// A network layer by layer: a click on a map, or a number that is typed, chooses the number that is looked at.
import { served } from "../served.js";

export function mount(root, lab) {
  root.classList.add("network");
  const place = (channel, row, column) => lab.change({ place: `${channel},${row},${column}` }, true);
  root.addEventListener("click", (event) => {
    const map = event.target.closest("[data-pick]");
    if (!map) return;
    const box = map.getBoundingClientRect(), { pick, rows, columns } = map.dataset;
    const part = (at, from, size, count) => Math.max(0, Math.min(count - 1, Math.floor(((at - from) / size) * count)));
    place(pick, part(event.clientY, box.top, box.height, rows), part(event.clientX, box.left, box.width, columns));
  });
  root.addEventListener("change", (event) => {
    if (!event.target.dataset.part) return;
    const value = (part) => root.querySelector(`[data-part=${part}]`)?.value || 0;
    place(value("channel"), value("row"), value("number") || value("column"));
  });
  return served(root, lab, "network", { fields: "choose", shown: () => {
    const list = root.querySelector(".walk"), row = list?.querySelector("[aria-current]");
    if (row && list.scrollHeight > list.clientHeight) {
      const top = row.offsetTop - list.offsetTop;
      if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight)
        list.scrollTop = top - list.clientHeight / 3;
    }
  } });
}
