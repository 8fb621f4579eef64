// A form that keeps a text to be said again: always with the editor.
import { setRich } from "./field.js";

setRich(document.querySelector("form[data-draft=canned]"), true);
