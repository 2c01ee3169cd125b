// What the compiler makes of a network, stage by stage.
import { served } from "../served.js";

export function mount(root, lab) {
  root.classList.add("compiler");
  return served(root, lab, "compiler", { fields: "choose" });
}
