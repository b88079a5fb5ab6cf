// Runs in the reader's browser. Without it, the page shows everything, in the order of the file.
const language = document.documentElement.lang;

const axesOf = (element) => JSON.parse(element.dataset.axes ?? "{}");

function valueOf(row, index) {
  const { dataset, textContent } = row.cells[index];
  if (!("value" in dataset)) return textContent;
  return dataset.value === "" ? null : Number(dataset.value);
}

/** Unknown values last, in both directions. */
function compare(one, other, direction) {
  if (one === null || other === null) return (one === null) - (other === null);
  return direction * (typeof one === "number" ? one - other : one.localeCompare(other, language, { numeric: true }));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  for (const [index, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isAscending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => compare(valueOf(a, index), valueOf(b, index), isAscending ? 1 : -1));
      body.append(...rows);
    });
  }
}

function selectOf(name, values, all) {
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.name = name;
  select.append(new Option(all, ""), ...values.map((value) => new Option(value, value)));
  label.append(name, select);
  return label;
}

function makeFilterable(table) {
  const rows = [...table.tBodies[0].rows];
  const details = [...(document.getElementById(table.dataset.filters)?.children ?? [])].filter((one) => one.dataset.axes);
  const names = Object.keys(axesOf(rows[0]));
  if (names.length === 0) return;
  const form = document.createElement("form");
  form.className = "filters";
  form.setAttribute("aria-label", table.dataset.filter);
  for (const name of names) {
    const values = [...new Set(rows.map((row) => axesOf(row)[name]))];
    values.sort((one, other) => one.localeCompare(other, language, { numeric: true }));
    form.append(selectOf(name, values, table.dataset.all));
  }
  const reset = document.createElement("button");
  reset.type = "reset";
  reset.textContent = table.dataset.reset;
  const shown = document.createElement("output");
  form.append(reset, shown);
  const apply = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
    const matches = (element) => chosen.every(([name, value]) => axesOf(element)[name] === value);
    for (const element of [...rows, ...details]) element.hidden = !matches(element);
    const visible = rows.filter((row) => !row.hidden).length;
    shown.textContent = table.dataset.shown.replace("{shown}", visible).replace("{all}", rows.length);
  };
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
  table.parentElement.before(form);
}

/** Opens the details that the address names, and those around them. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let element = target; element !== null; element = element.parentElement)
    if (element instanceof HTMLDetailsElement) element.open = true;
  target?.scrollIntoView();
}

for (const table of document.querySelectorAll("table[data-filters]")) {
  makeSortable(table);
  makeFilterable(table);
}
addEventListener("hashchange", openTarget);
if (location.hash !== "") openTarget();
