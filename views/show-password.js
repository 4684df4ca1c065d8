/* A button beside each password that shows what was typed; who has no JavaScript types blind, as ever. */
{
  const { show } = document.currentScript.dataset;
  const inputs = Array.from(document.querySelectorAll('input[type="password"]'));

  const set = (input, isShown) => {
    input.type = isShown ? 'text' : 'password';
    input.nextElementSibling.setAttribute('aria-pressed', String(isShown));
  };

  for (const input of inputs) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet show-password';
    button.textContent = show;
    // There may be several: who listens hears which one. WCAG 2.2 SC 2.5.3: the visible words come first.
    button.setAttribute('aria-label', `${show}: ${input.labels[0].textContent}`);
    button.setAttribute('aria-controls', input.id);
    input.after(button);
    set(input, false);
    button.addEventListener('click', () => set(input, input.type === 'password'));
    // Browsers remember what was typed into a field of text.
    input.form.addEventListener('submit', () => set(input, false));
  }
}
