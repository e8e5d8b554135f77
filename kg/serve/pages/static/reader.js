"use strict";
// Shows beside the text the coding of the measure that the pointer or the keyboard is on
const panel = document.querySelector(".codings");

function show(mark) {
  for (const old of document.querySelectorAll(".active")) old.classList.remove("active");
  const coding = document.getElementById(`coding-${mark.id}`);
  if (!coding) return;
  mark.classList.add("active");
  coding.classList.add("active");
  panel.classList.add("live");
}

function measureOf(event) {
  return event.target instanceof Element ? event.target.closest("mark.measure") : null;
}

function follow() {
  const name = decodeURIComponent(location.hash.slice(1));
  const mark = name && document.getElementById(name);
  if (!mark || mark.localName !== "mark") return;
  mark.scrollIntoView({ block: "center" });
  mark.focus({ preventScroll: true });
  show(mark);
}

if (panel) {
  panel.classList.add("live");
  for (const kind of ["mouseover", "focusin", "click"]) {
    document.querySelector(".text").addEventListener(kind, (event) => {
      const mark = measureOf(event);
      if (mark) show(mark);
    });
  }
  window.addEventListener("hashchange", follow);
  follow();
}
