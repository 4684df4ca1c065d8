/** The page. It knows no token: it asks the server that it came from, which shows its own. */
const problems = { denied: 'You did not allow it.', expired: 'This sign-in is not good any more.' };
const part = (id) => document.getElementById(id);
const PATIENCE_MS = 30_000;
/** As the server said last; undefined until it says it. */
let isSignedIn;
let isUnderWay = false;

/** undefined where the person is not signed in. The header says that it is this page which asks. */
async function ask(path, { method = 'GET', body } = {}) {
  const headers = { 'x-orders': '1', ...(body && { 'content-type': 'application/json' }) };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body), signal }).catch(() => {
    // Perhaps it arrived all the same: what is loaded anew shows it.
    throw new Error('No answer came. Look whether you are connected, and reload this page.');
  });
  if (!answer.ok && answer.status !== 401)
    throw new Error(`That did not work (${answer.status}). Try again.`);
  isSignedIn = answer.ok;
  return isSignedIn ? answer : undefined;
}

/** One thing at a time: a second press on "Order" would order twice. `act` gives what there is to say in the end. */
async function attempt(act) {
  if (isUnderWay) return;
  isUnderWay = true;
  part('message').textContent = 'One moment …';
  part('message').textContent = await act().catch((error) => error.message);
  part('signed-in').hidden = isSignedIn !== true;
  part('signed-out').hidden = isSignedIn !== false;
  isUnderWay = false;
}

async function showOrders() {
  const answer = await ask('/api/orders');
  const items = answer ? await answer.json() : [];
  const lines = items.map((item) => {
    const line = document.createElement('li');
    line.textContent = item;
    return line;
  });
  part('orders').replaceChildren(...lines);
}

async function order() {
  const item = part('item').value;
  if (!(await ask('/api/orders', { method: 'POST', body: { item } }))) {
    // It is in the field again after the next sign-in.
    sessionStorage.setItem('item', item);
    return `You were signed out. “${item}” was not ordered.`;
  }
  part('item').value = '';
  const problem = await showOrders().then(
    () => '',
    () => ' The list of your orders cannot be had now.',
  );
  return `“${item}” was ordered.${problem}`;
}

async function signOut() {
  const answer = await ask('/logout', { method: 'POST' });
  if (answer) location.assign((await answer.json()).location);
  return '';
}

async function open() {
  const problem = problems[new URLSearchParams(location.search).get('problem')] ?? '';
  // Said once: not again after a reload.
  history.replaceState(null, '', '/');
  if (!(await ask('/me'))) return problem;
  part('item').value = sessionStorage.getItem('item') ?? '';
  sessionStorage.removeItem('item');
  await showOrders();
  return problem;
}

part('order').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(order);
});
part('sign-out').addEventListener('click', () => attempt(signOut));
attempt(open);
