// What is wider than its place scrolls; the keyboard reaches it then.
const reachable = () => {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .drawing, .knoll-player .view"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
// The other language's page opens at the same section.
document.addEventListener("click", ({target}) => {
  const link = target.closest(".other-language a");
  if (link) link.hash = location.hash;
});
