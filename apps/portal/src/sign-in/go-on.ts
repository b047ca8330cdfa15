/** Loads the page anew as who has just signed in, so that nothing is left of who was here before. */
export function goOn(to = '/'): void {
  location.assign(to);
}
