/*
 * A form is sent once. Of two quick taps the browser drops the first answer and shows the second one, which says that
 * the page was already used, or that the old password is wrong: the person is told of a failure where all went well.
 * Buttons are not `disabled`: that would take the name and value of the pressed one (decision=allow) out of the form.
 */
{
  // Where no answer comes and the page stays, the person can try again.
  const TRY_AGAIN_MS = 8000;
  /** Forms on their way, with what takes them back. */
  const sent = new Map();

  const buttonsOf = (form) => Array.from(form.elements).filter((element) => element.type === 'submit');

  const takeBack = (form) => {
    clearTimeout(sent.get(form));
    sent.delete(form);
    for (const button of buttonsOf(form)) button.removeAttribute('aria-disabled');
  };

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    for (const button of buttonsOf(form)) button.setAttribute('aria-disabled', 'true');
    // RFC 6749 §4.1.2: a code that comes twice ends its grant, so no wait is long enough to send one again.
    const isForGood = form.hasAttribute('data-holds-code');
    sent.set(form, isForGood ? undefined : setTimeout(takeBack, TRY_AGAIN_MS, form));
  });

  // Who comes back to a page that the browser kept may send its forms again.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) Array.from(sent.keys()).forEach(takeBack);
  });
}
