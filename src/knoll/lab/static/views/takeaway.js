// What can be taken away: a program in one of five libraries, and files.
import { element } from "../dom.js";

export function mount(root, lab) {
  const choices = element("div", { class: "ways libraries", role: "group", "aria-label": lab.say("library") });
  const notes = element("ul", { class: "notes" });
  const code = element("pre", { class: "code", tabindex: "0", "aria-label": lab.say("program") });
  const copy = element("button", { type: "button", class: "main", onclick: () => copied() }, lab.say("copy"));
  const save = element("a", { class: "button", download: "lab.py" }, lab.say("save_program"));
  const prints = element("pre", { class: "code prints", tabindex: "0", "aria-label": lab.say("prints") });
  const printed = [element("h3", {}, lab.say("prints")), prints];
  const files = element("ul", { class: "files" });
  root.append(
    element("h2", {}, lab.say("takeaway_title")), element("p", {}, lab.say("takeaway_hint")), choices, notes,
    element("div", { class: "buttons" }, copy, save), code,
    ...printed, ...(lab.address ? [element("h3", {}, lab.say("files")), files] : []));
  let chosen = "knoll", found = null, address = "";

  async function copied() {
    await navigator.clipboard.writeText(code.textContent);
    lab.tell(lab.say("copied"));
  }

  function show() {
    const program = found.programs.find(({ library }) => library === chosen);
    for (const button of choices.children) button.setAttribute("aria-pressed", button.dataset.library === chosen);
    code.textContent = program.text;
    code.hidden = copy.hidden = save.hidden = !program.text;
    notes.replaceChildren(...program.notes.map((note) => element("li", {}, note)));
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([program.text], { type: "text/x-python" }));
    for (const each of printed) each.hidden = !program.text;
    save.href = address;
    save.download = `lab_${chosen}.py`;
  }

  return async () => {
    root.hidden = Boolean(lab.layer.refused);
    if (root.hidden) return;
    found = await lab.fetch("takeaway");
    choices.replaceChildren(...found.programs.map(({ library, name }) => element("button", {
      type: "button", "data-library": library, onclick: () => { chosen = library; show(); },
    }, name)));
    prints.textContent = found.prints;
    if (lab.address) files.replaceChildren(...found.files.map((name) => element("li", {},
      element("a", { href: lab.address(`file/${name}`, {}), download: name }, lab.say(`file_${name.replace(".", "_")}`)))));
    show();
  };
}
