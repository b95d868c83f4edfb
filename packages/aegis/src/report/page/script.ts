/**
 * The page's only script: a button that opens or closes all details, and details that open for
 * printing and for links into them. Without it everything is there, behind its summaries.
 */
export const script = `
"use strict";
(() => {
  const all = () => [...document.querySelectorAll("details")];
  const button = document.getElementById("toggle");
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    all().forEach((each) => { each.open = open; });
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Close all details" : "Open all details";
  });
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => all().forEach((each) => { each.open = true; }));
})();
`;
