/* On to the app by itself, once the apps in the frames had their time; without JavaScript by the link alone (WCAG F41). */
{
  const FOR_THEIR_SCRIPTS = 1000;
  const AT_MOST = 3000;
  const leave = () => location.assign(document.getElementById('continue').href);
  document.getElementById('leaving').hidden = false;
  addEventListener('load', () => setTimeout(leave, FOR_THEIR_SCRIPTS));
  setTimeout(leave, AT_MOST);
}
