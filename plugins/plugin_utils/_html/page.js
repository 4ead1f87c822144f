// Copyright (c) eightbyeight.scim contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
(() => {
  "use strict";
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const amount = (text) => parseFloat(text.replace(/[^\d.-]/g, "")) || 0;
  // tablesort turns the order around, so that these compare backwards.
  Tablesort.extend("number", () => false, (a, b) => amount(b) - amount(a));
  Tablesort.extend("words", () => false, (a, b) => words.compare(b.trim(), a.trim()));

  const tables = [...document.querySelectorAll("table.rows")].map((table) => {
    for (const head of table.tHead.rows[0].cells) {
      // A button says what it is, to a keyboard and to a screen reader.
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
    }
    new Tablesort(table);
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("tabindex");
    const columns = {};
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (head.dataset.filter) columns[head.dataset.filter] = place;
    });
    const section = table.closest("section");
    const count = section.querySelector(".count");
    return { section, count, told: count.textContent, columns, rows: [...table.tBodies[0].rows], texts: null };
  });

  const form = document.getElementById("filter");
  const text = document.getElementById("text");
  const choices = [...form.querySelectorAll("select")];
  const total = document.getElementById("count");

  const apply = () => {
    const wanted = text.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const picked = choices.filter((choice) => choice.value);
    const filtered = wanted.length > 0 || picked.length > 0;
    let shown = 0;
    for (const table of tables) {
      // Tables of sites and departments are no lists of people.
      if (!("site" in table.columns)) continue;
      table.texts = table.texts || table.rows.map((row) => row.textContent.toLowerCase());
      let left = 0;
      table.rows.forEach((row, place) => {
        const fits =
          wanted.every((word) => table.texts[place].includes(word)) &&
          picked.every((choice) => row.cells[table.columns[choice.dataset.filter]].textContent === choice.value);
        row.hidden = !fits;
        left += fits;
      });
      shown += left;
      table.count.textContent = filtered ? `${left} of ${table.rows.length}` : table.told;
      table.section.classList.toggle("empty", left === 0);
      const fold = table.section.querySelector("details");
      if (fold && filtered && left > 0 && left <= 200) fold.open = true;
    }
    total.textContent = filtered ? `${shown} rows fit` : "";
  };

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.querySelector(":scope > details");
    if (fold) fold.open = true;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-pick]");
    if (!link) return;
    for (const choice of choices) {
      if (choice.dataset.filter === link.dataset.pick) choice.value = link.dataset.value;
    }
    apply();
  });
  let waits = 0;
  form.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(apply, 120);
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  form.hidden = false;
  open();
})();
