// Trainings, as they stand: what changes in their folders is shown at once.
import { served } from "../served.js";

export function mount(root, lab) {
  root.classList.add("training");
  let stream = null, watched = "", late = false;
  root.addEventListener("focusout", () => { if (late) { late = false; update(); } });
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-post]");
    if (!button) return;
    button.disabled = true;
    const { post, run } = button.dataset;
    const answer = await fetch(`run/${post}?${new URLSearchParams({ run, language: lab.language })}`, { method: "POST" });
    if (!answer.ok) lab.tell((await answer.json()).error, true);
    else update();
  });

  // The server says when something changed since this version; the view is then asked for again.
  function watch({ run, compared, version }) {
    const asked = new URLSearchParams({ run, with: compared.join("/") }).toString();
    if (asked === watched && stream?.readyState !== EventSource.CLOSED) return;
    stream?.close();
    watched = asked;
    stream = new EventSource(`run/changes?${asked}&version=${version}`);
    stream.addEventListener("changed", () => {
      if (!root.isConnected) { stream.close(); watched = ""; }
      else if (document.activeElement.tagName === "SELECT") late = true;  // a list that is open would close
      else update();
    });
  }
  const update = served(root, lab, "training", { shown: watch });
  return update;
}
