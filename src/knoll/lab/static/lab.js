// The page of `knoll lab`: the state in its address, what its server answers, the languages.
import { explore } from "./explorer.js";

const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const setting = () => Object.fromEntries(new URLSearchParams(location.search));
const VIEWS = ["layer", "compare", "solve", "takeaway", "network", "compiler", "training"];
const EVERY = 500;  // milliseconds between two questions how far the server is

const query = (values) => new URLSearchParams(values).toString();

// The answer of the server, whose errors are thrown with their sentence.
async function answered(address, options = {}) {
  const answer = await fetch(address, options);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

export const lab = explore(
  { ...data, setting: setting(), place: document },
  { whole: document.body, tabs: at("tabs"), panel: at("panel"), view: at("view"), status: at("status") },
  {
    views: Object.fromEntries(VIEWS.map((name) => [name, () => import(`./views/${name}.js`)])),
    keep: (values, quietly) => history[quietly ? "replaceState" : "pushState"](null, "", `?${query(values)}`),
    give: (file) => answered(`image?language=${data.language}`, { method: "POST", body: file }),
    address: (path, values) => `${path}?${query(lab.values(values))}`,
    async ask(view, values, signal) {
      const asking = setInterval(progress, EVERY);
      try {
        return await answered(`view/${view}?${query(values)}`, { signal });
      } finally {
        clearInterval(asking);
      }
    },
  },
);

// Tells what the server is doing, where an answer takes long.
async function progress() {
  try {
    const { words } = await (await fetch(`progress?language=${lab.language}`)).json();
    if (lab.isBusy() && words) lab.tell(`${words} …`);
  } catch { /* the view itself will say why there is no answer */ }
}

for (const link of document.querySelectorAll("[data-language]")) {
  link.toggleAttribute("aria-current", link.dataset.language === lab.language);
  link.addEventListener("click", () => { link.href = `?${query(lab.values({ language: link.dataset.language }))}`; });
}
addEventListener("popstate", () => {
  lab.setting = setting();
  lab.show();
});
delete lab.setting.t;  // the cookie stands for it from now on
history.replaceState(null, "", `?${query(lab.setting)}`);
lab.show();
