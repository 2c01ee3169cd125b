// Starts every player of the page that has not been started: buttons, slider, keys, and clicks on output cells.
(() => {
  const start = (player) => {
    player.dataset.live = "";
    const find = (name) => player.querySelector(`[data-player=${name}]`);
    const [controls, toggle, slider, count, speed, told] =
      ["controls", "toggle", "slider", "count", "speed", "told"].map(find);
    const { seconds, rest } = player.dataset;
    const cells = JSON.parse(player.dataset.cells);
    const captions = [...player.querySelectorAll("p[data-on]")];
    const parts = [...player.querySelectorAll("[data-on]")].map((part) => [
      part, part.dataset.on.split(" ").map((stretch) => stretch.split("-").map(Number)),
    ]);
    const last = Number(slider.max) - 1;
    let frame = 0, playing = false, seen = true, timer = 0;

    const show = (next) => {
      frame = Math.min(Math.max(next, 0), last);
      for (const [part, stretches] of parts)
        part.style.visibility = stretches.some(([first, end = first]) => first <= frame && frame <= end) ? "visible" : "hidden";
      slider.value = frame + 1;
      count.textContent = `${frame + 1} / ${last + 1}`;
      slider.setAttribute("aria-valuetext", captions[frame]?.textContent ?? "");
    };
    const wait = () => {
      clearTimeout(timer);
      if (!playing || !seen) return;
      const stay = Number(seconds) + (frame === last ? Number(rest) : 0);
      timer = setTimeout(() => { show(frame === last ? 0 : frame + 1); wait(); }, 1000 * stay / Number(speed.value));
    };
    const play = (on) => {
      playing = on;
      player.toggleAttribute("data-playing", on);
      toggle.ariaLabel = toggle.title = on ? toggle.dataset.pause : toggle.dataset.play;
      wait();
    };
    const go = (next) => { play(false); show(next); told.textContent = captions[frame]?.textContent ?? ""; };

    toggle.addEventListener("click", () => play(!playing));
    find("back").addEventListener("click", () => go(frame - 1));
    find("on").addEventListener("click", () => go(frame + 1));
    slider.addEventListener("input", () => go(Number(slider.value) - 1));
    speed.addEventListener("change", wait);
    player.addEventListener("keydown", (event) => {
      const at = { ArrowLeft: frame - 1, ArrowRight: frame + 1, Home: 0, End: last }[event.key];
      const free = event.target === player || event.target === slider || event.target.tagName === "BUTTON";
      if (event.altKey || event.ctrlKey || event.metaKey || !free) return;
      if (at !== undefined) go(at);
      else if (event.key === " " && event.target.tagName !== "BUTTON") play(!playing);
      else return;
      event.preventDefault();
      event.stopPropagation();  // a notebook would move to another cell
    });
    for (const cell of player.querySelectorAll("[data-cell]")) {
      const at = cells[cell.dataset.cell];
      if (at === undefined) continue;
      cell.style.cursor = "pointer";
      cell.addEventListener("click", () => go(at));
    }
    new IntersectionObserver((entries) => { seen = entries.at(-1).isIntersecting; wait(); }).observe(player);
    controls.hidden = false;
    show(0);
    play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  };
  document.querySelectorAll(".knoll-player:not([data-live])").forEach(start);
})();
