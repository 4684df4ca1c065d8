// A click and not submit(), which no listener hears: views/submit-once.js holds back the next one.
document.getElementById('continue').click();
