// Runs the script of a page against as much of a document as it asks for, and prints what it did.
"use strict";
const fs = require("fs");
const vm = require("vm");

const classes = () => ({ names: new Set(), toggle(name, on) { on ? this.names.add(name) : this.names.delete(name); } });
const cell = (text, value) => ({ textContent: text, dataset: value === undefined ? {} : { value } });
const row = (step, ...cells) => ({ cells, dataset: { step }, classList: classes() });
const rows = [row("0", cell("b", undefined), cell("1", "1.0")), row("1", cell("a"), cell("30", "30.0")),
  row("2", cell("c"), cell("not estimable", "-Infinity"))];
const body = { rows, append(...sorted) { this.rows = sorted; } };
const table = { tBodies: [body] };
const heading = (text, cellIndex) => ({
  textContent: text, cellIndex, attributes: {}, listeners: {}, closest: () => table,
  getAttribute(name) { return this.attributes[name]; }, setAttribute(name, value) { this.attributes[name] = value; },
  removeAttribute(name) { delete this.attributes[name]; }, addEventListener(name, call) { this.listeners[name] = call; },
});
const headings = [heading("name", 0), heading("count", 1)];
for (const each of headings) each.parentElement = { cells: headings };
const mark = { dataset: { step: "1" }, classList: classes() };
const output = { textContent: "" };
const chosen = () => rows.find((each) => each.classList.names.has("chosen"));
const section = {
  querySelectorAll: (what) => (what === "th" ? headings : [...rows, mark]),
  querySelector: (what) => (what === "output" ? output : chosen()),
};
const slider = { value: "0", listeners: {}, closest: () => section, addEventListener(name, call) { this.listeners[name] = call; } };
const document = { querySelectorAll: (what) => (what.startsWith("th") ? headings : [slider]) };

vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), { document, Number, String });
const order = () => body.rows.map((each) => each.cells[0].textContent).join("");
const said = { first: output.textContent };
slider.value = "1";
slider.listeners.input();
said.moved = output.textContent;
said.lit = mark.classList.names.has("chosen");
headings[1].listeners.click();
said.falling = order();
headings[1].listeners.click();
said.rising = order();
headings[0].listeners.keydown({ key: "Enter" });
said.byName = order();
said.sorted = headings.map((each) => each.attributes["aria-sort"] ?? "");
console.log(JSON.stringify(said));
