// The index: its table can be sorted by each column and filtered by words and by state. Without scripts it is whole.
"use strict";

(() => {
  const table = document.getElementById("songs");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const find = document.getElementById("find"), state = document.getElementById("state");
  const texts = rows.map((row) => row.textContent.toLowerCase());

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const matches = (!state.value || row.dataset.state === state.value) && words.every((word) => texts[index].includes(word));
      row.hidden = !matches;
      shown += matches;
    });
    document.getElementById("shown").textContent = `${shown} of ${rows.length}`;
  }

  // Numbers by size and names by letter; what is not known comes last either way.
  function sort(column, sign) {
    const valueOf = (row) => row.cells[column].dataset.sort;
    const compare = (a, b) => (column ? a - b : a.localeCompare(b, undefined, { numeric: true }));
    const order = (a, b) => (a === "" || b === "" ? (a === "") - (b === "") : sign * compare(a, b));
    body.append(...[...rows].sort((one, other) => order(valueOf(one), valueOf(other))));
  }

  [...table.tHead.rows[0].cells].forEach((cell, column, cells) => {
    if (!rows.some((row) => row.cells[column].dataset.sort !== undefined)) return;
    const button = make("button", { type: "button" }, cell.textContent);
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      cells.forEach((each) => each.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, down ? -1 : 1);
    });
  });

  find.addEventListener("input", filter);
  state.addEventListener("change", filter);
  document.querySelector(".choices").hidden = false;
  filter();
})();
