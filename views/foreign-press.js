/*
 * The site that opened this page may have asked to press or hold a key: that presses no button here. A fragment puts the
 * focus on the button that it names (/consent#allow), or makes the next Tab begin there. No address of ours has one: it
 * goes before the button is there, and one that comes later leads to the top of the page.
 */
{
  const dropFragment = () => history.replaceState(null, '', location.pathname + location.search);
  if (location.hash !== '') dropFragment();
  // Only focus elsewhere moves the place at which Tab begins: blur() leaves it there.
  const leadToTop = () => {
    dropFragment();
    const heading = document.querySelector('h1');
    heading.tabIndex = -1;
    heading.focus();
  };
  document.addEventListener('focusin', () => {
    // Whatever it says: #%61llow names that button too.
    if (location.hash !== '') leadToTop();
  });
  // What is no button gets no focus, and is a beginning for Tab all the same (#asks).
  addEventListener('hashchange', leadToTop);

  // A key that is held since before this page was there.
  document.addEventListener('keydown', (event) => {
    const isOnButton = event.target instanceof HTMLButtonElement;
    if (event.repeat && (isOnButton || event.key === 'Enter')) event.preventDefault();
  });
}
