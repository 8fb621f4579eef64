// The made-up customer's phone and mailbox: asks for what is there every second, and posts what is written.
const byId = (id) => document.getElementById(id);
const person = byId("person");
let state = { people: [] };

const chosen = () => state.people[Number(person.value) || 0] ?? { name: "", phone: "", email: "" };

function options(select, choices) {
  if (select.options.length === choices.length) return;
  select.replaceChildren(...choices.map(([value, words]) => new Option(words, value)));
}

function picture(address) {
  const image = new Image();
  image.src = address;
  image.alt = "Picture";
  return image;
}

function item({ ours, text, pictures = [], small, act }) {
  const line = document.createElement("li");
  line.className = ours ? "" : "mine";
  line.textContent = text;
  const note = document.createElement("small");
  note.textContent = small;
  line.append(...pictures.map(picture), note);
  if (act) line.append(act);
  return line;
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function fill(list, lines) {
  const key = JSON.stringify(lines.map(({ text, pictures, small }) => [text, pictures, small]));
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...lines.map(item));
  list.scrollTo({ top: list.scrollHeight });
}

function answer(mail) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Answer";
  button.addEventListener("click", () => {
    const form = byId("mail");
    form.elements.answers.value = mail.id;
    form.elements.subject.value = /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`;
    form.elements.text.focus();
  });
  return button;
}

function show() {
  options(person, state.people.map((one, at) => [at, one.name]));
  options(byId("text").elements.to, state.numbers.map((one) => [one.number, `${one.name}, ${one.number}`]));
  options(byId("mail").elements.to, state.mailboxes.map((one) => [one.address, one.address]));
  const { phone, email } = chosen();
  byId("phone").textContent = phone || "The demo knows no number of theirs.";
  byId("email").textContent = email || "The demo knows no address of theirs.";
  byId("desk").href = state.desk;
  byId("shop").href = `${state.desk}/demo/widget/`;
  fill(byId("text-log"), state.texts.filter((one) => one.person === phone).map((one) => ({
    ours: one.ours,
    text: one.text,
    pictures: one.pictures,
    small: [clock(one.at), one.status, ...one.media].filter(Boolean).join(", "),
  })));
  fill(byId("mail-log"), state.mails.filter((one) => one.person === email).map((one) => ({
    ours: one.ours,
    text: `${one.subject}\n\n${one.text}`,
    small: [clock(one.at), ...one.files].join(", "),
    act: one.ours ? answer(one) : null,
  })));
}

function complain(words) {
  byId("trouble").textContent = words;
  byId("trouble").hidden = !words;
}

async function refresh() {
  try {
    const response = await fetch("state");
    state = await response.json();
    show();
  } catch (error) {
    complain(`The made-up providers do not answer: ${error.message}`);
  }
  setTimeout(refresh, 1000);
}

async function post(form, extra) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  const response = await fetch(form.id, { method: "POST", body });
  complain(response.ok ? "" : await response.text());
  return response.ok;
}

byId("text").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await post(event.target, { from: chosen().phone })) event.target.reset();
});
byId("mail").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await post(event.target, { from: chosen().email, name: chosen().name })) event.target.reset();
});
byId("mail").addEventListener("reset", (event) => { event.target.elements.answers.value = ""; });
for (const button of document.querySelectorAll("[data-word]")) {
  button.addEventListener("click", () => post(byId("text"), { from: chosen().phone, body: button.dataset.word }));
}
person.addEventListener("change", show);
refresh();
