// First an answer, then what there is to say about it: a quiz waits for its button, and remembers what was answered.
// Without this script the style sheet shows the feedback at once.
{
  const PREFIX = `quiz ${location.pathname.split("/").pop()} `;

  /** A button below the answers. */
  const button = (quiz, text, act) => {
    const made = Object.assign(document.createElement("button"), {type: "button", className: "quiz-button", textContent: text});
    made.addEventListener("click", act);
    quiz.querySelector(".quiz-buttons").append(made);
    return made;
  };

  const SAID = 10000;                                           // ms; later, a screen reader would read it a second time

  const silences = new Map();                                   // by the element that speaks

  /** Say the feedback on an answer to screen readers; showing it is the style sheet's work. */
  const announce = (quiz, input) => {
    const status = quiz.querySelector(".quiz-status");
    const copy = quiz.querySelector(`#${CSS.escape(input.id)} + label + .quiz-feedback`).cloneNode(true);
    copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    status.replaceChildren(...copy.childNodes);
    clearTimeout(silences.get(status));
    silences.set(status, setTimeout(() => status.replaceChildren(), SAID));
  };

  for (const quiz of document.querySelectorAll("fieldset.quiz")) {
    const key = PREFIX + quiz.id, chosen = () => quiz.querySelector("input:checked");
    const row = Object.assign(document.createElement("div"), {className: "quiz-buttons"});
    quiz.querySelector(".quiz-status").before(row);

    const show = (answered) => {
      quiz.classList.toggle("waits", !answered);
      check.disabled = answered || !chosen();
      clear.hidden = !answered;
    };
    const check = button(quiz, "Check my answer", () => {
      localStorage.setItem(key, chosen().id);
      announce(quiz, chosen());
      show(true);
      clear.focus();                                            // the button that was pressed is disabled now
    });
    const clear = button(quiz, "Clear my answer", () => {
      localStorage.removeItem(key);
      chosen().checked = false;
      quiz.querySelector(".quiz-status").replaceChildren();
      show(false);
      quiz.querySelector("input").focus();
    });
    const before = [...quiz.querySelectorAll("input")].find((input) => input.id === localStorage.getItem(key));
    if (before) before.checked = true;
    show(Boolean(before));
    quiz.addEventListener("change", () => show(false));
  }
}
