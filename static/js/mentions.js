// Colleagues are mentioned in notes by an @ and their name.
import { insert } from "./field.js";
import { suggest } from "./listbox.js";

suggest({
  typed: /(?:^|\s)@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u,
  menuOf: (form) => form.querySelector("#mention-list"),
  fit: ({ name }, words) => Number(` ${name.toLowerCase()}`.includes(` ${words}`)),
  take: (form, { name }, over) => insert(form, { text: `@${name} `, over: over() }),
});
