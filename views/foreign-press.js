/*
 * The site that opened this page may have asked to press or hold a key: that presses no button here. A fragment puts the
 * focus on the button that it names (/consent#allow). No address of ours has one: it goes before the button is there, and
 * one that comes later gets no focus.
 */
{
  const dropFragment = () => history.replaceState(null, '', location.pathname + location.search);
  if (location.hash !== '') dropFragment();
  document.addEventListener('focusin', ({ target }) => {
    // Whatever it says: #%61llow names that button too.
    if (location.hash === '') return;
    dropFragment();
    target.blur();
  });

  // A key that is held since before this page was there.
  document.addEventListener('keydown', (event) => {
    const isOnButton = event.target instanceof HTMLButtonElement;
    if (event.repeat && (isOnButton || event.key === 'Enter')) event.preventDefault();
  });
}
