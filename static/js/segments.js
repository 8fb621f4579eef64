// How a text message is billed: by segments of 160 characters of the GSM alphabet (153 when there are several), or, as
// soon as one character is not in it, of 70 UTF-16 units (67). 3GPP TS 23.038, section 6.2.1; TS 23.040, 9.2.3.24.
const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "\f^{}\\[~]|€"; // each takes two places
const GSM = { single: 160, several: 153, places: (character) => (EXTENSION.includes(character) ? 2 : 1) };
const UCS2 = { single: 70, several: 67, places: (character) => character.length };

// { segments, culprit }: how many a text takes, and the first character that the GSM alphabet does not have.
export function segmentsOf(text) {
  const characters = [...text.replaceAll("\r\n", "\n")];
  const culprit = characters.find((character) => !BASIC.includes(character) && !EXTENSION.includes(character)) ?? null;
  const { single, several, places } = culprit === null ? GSM : UCS2;
  const taken = characters.map(places);
  if (taken.reduce((sum, each) => sum + each, 0) <= single) return { segments: taken.length ? 1 : 0, culprit };
  return { segments: fill(taken, several), culprit };
}

// A character of two places never stands in two segments.
function fill(taken, room) {
  let [segments, used] = [1, 0];
  for (const each of taken) {
    if (used + each > room) [segments, used] = [segments + 1, 0];
    used += each;
  }
  return segments;
}
