// Opens the folded list of cells when a number leads into it; browsers differ in whether they do so themselves.
function unfold() {
  const target = document.querySelector(":target"); // an address need not be one that can be decoded
  const folded = target && target.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", unfold);
unfold();
