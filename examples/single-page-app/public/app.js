/** The page. It knows no token: it asks the server that it came from, which shows its own. */
const problems = {
  denied: 'You did not allow it.',
  expired: 'This sign-in is not good any more.',
  away: 'Something is not there that a sign-in needs. Try again.',
};
const part = (id) => document.getElementById(id);
const PATIENCE_MS = 30_000;
/** What the server says by its status: the part of the page that is shown then. */
const states = { 401: 'signed-out', 409: 'somebody-else' };
const reasons = { 'signed-out': 'You were signed out.', 'somebody-else': 'Somebody else is signed in now.' };
/** As the server said last; undefined until it says it. */
let state;
/** Whose page this is. Nothing is done here in the name of somebody who signs in later, in another tab. */
let person = '';
let isUnderWay = false;

/** undefined where the person is not signed in. The headers say that it is this page which asks, and whose it is. */
async function ask(path, { method = 'GET', body } = {}) {
  const headers = {
    'x-orders': '1',
    'x-person': person,
    ...(body && { 'content-type': 'application/json' }),
  };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body), signal }).catch(() => {
    // Perhaps it arrived all the same: what is loaded anew shows it, beside what was typed.
    keepTyped();
    throw new Error('No answer came. Look whether you are connected, and reload this page.');
  });
  const now = answer.ok ? 'signed-in' : states[answer.status];
  if (!now) throw new Error(`That did not work (${answer.status}). Try again.`);
  state = now;
  return answer.ok ? answer : undefined;
}

/** One thing at a time: a second press on "Order" would order twice. `act` gives what there is to say in the end. */
async function attempt(act) {
  if (isUnderWay) return;
  isUnderWay = true;
  part('message').textContent = 'One moment …';
  part('message').textContent = await act().catch((error) => error.message);
  for (const id of ['signed-in', 'signed-out', 'somebody-else']) part(id).hidden = id !== state;
  isUnderWay = false;
}

/** It is in the field again when the same person opens the page in this tab. */
function keepTyped() {
  const item = part('item').value;
  if (item && person) sessionStorage.setItem('unordered', JSON.stringify({ person, item }));
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
    keepTyped();
    return `${reasons[state]} “${item}” was not ordered.`;
  }
  part('item').value = '';
  sessionStorage.removeItem('unordered');
  const problem = await showOrders().then(
    () => '',
    () => ' The list of your orders cannot be had now.',
  );
  return `“${item}” was ordered.${problem}`;
}

async function signOut() {
  const answer = await ask('/logout', { method: 'POST' });
  if (!answer) return reasons[state];
  location.assign((await answer.json()).location);
  return '';
}

async function open() {
  const problem = problems[new URLSearchParams(location.search).get('problem')] ?? '';
  // Said once: not again after a reload.
  history.replaceState(null, '', '/');
  const answer = await ask('/me');
  if (!answer) return problem;
  person = (await answer.json()).sub;
  const unordered = JSON.parse(sessionStorage.getItem('unordered') ?? '{}');
  if (unordered.person === person) {
    part('item').value = unordered.item;
    sessionStorage.removeItem('unordered');
  }
  await showOrders();
  return problem;
}

part('order').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(order);
});
part('sign-out').addEventListener('click', () => attempt(signOut));
attempt(open);
