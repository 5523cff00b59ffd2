"use strict";

// Tables: a click on a heading sorts by its column, a second click the other way round.
const worth = (cell) => cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
const before = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

function sort(heading) {
  const table = heading.closest("table");
  const column = heading.cellIndex;
  const turn = heading.getAttribute("aria-sort") === "descending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => turn * before(worth(a.cells[column]), worth(b.cells[column])));
  table.tBodies[0].append(...rows);
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
}

for (const heading of document.querySelectorAll("th[tabindex]")) {
  heading.addEventListener("click", () => sort(heading));
  heading.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(heading); });
}

// A slider lights up the marks and the table row of its step, and says what the row says.
function choose(slider) {
  const section = slider.closest("section");
  for (const mark of section.querySelectorAll("[data-step]")) {
    mark.classList.toggle("chosen", mark.dataset.step === slider.value);
  }
  const row = section.querySelector("tr.chosen");
  const names = [...section.querySelectorAll("th")].map((heading) => heading.textContent);
  section.querySelector("output").textContent = [...row.cells].map((cell, at) => `${names[at]} ${cell.textContent}`).join("; ");
}

for (const slider of document.querySelectorAll("input[type=range]")) {
  slider.addEventListener("input", () => choose(slider));
  choose(slider);
}
