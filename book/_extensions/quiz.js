// Announces the feedback of a quiz to screen readers; showing it is the style sheet's work.
for (const quiz of document.querySelectorAll("fieldset.quiz")) {
  quiz.addEventListener("change", (event) => {
    const feedback = quiz.querySelector(`#${CSS.escape(event.target.id)} + label + .quiz-feedback`);
    const copy = feedback.cloneNode(true);
    copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    quiz.querySelector(".quiz-status").replaceChildren(...copy.childNodes);
  });
}
