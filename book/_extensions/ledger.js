// Filters the table of claims by verdict; the address keeps the choice. Without a script all rows are there.
{
  const filter = document.querySelector(".ledger-filter"), rows = [...document.querySelectorAll("table.ledger tbody tr")];
  const [choice, said] = [filter.querySelector("select"), filter.querySelector("[role=status]")];
  const show = () => {
    for (const row of rows) row.hidden = choice.value !== "" && row.dataset.verdict !== choice.value;
    said.textContent = `${rows.filter((row) => !row.hidden).length} claims`;
  };
  const follow = () => {
    const wanted = decodeURIComponent(location.hash.slice(1)).replaceAll("-", " ");
    if (![...choice.options].some(({value}) => value === wanted)) return;
    choice.value = wanted;
    show();
  };
  choice.addEventListener("change", () => {
    show();
    history.replaceState(null, "", choice.value ? `#${choice.value.replaceAll(" ", "-")}` : location.pathname);
  });
  addEventListener("hashchange", follow);
  filter.hidden = false;
  show();
  follow();
}
