/** Sentences of messages, which begin in small letters where they are part of a log. */
export function sentence(text: string | undefined): string {
  if (!text) return "";
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
