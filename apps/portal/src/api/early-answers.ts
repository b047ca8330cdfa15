declare global {
  /** What `early.js` asked for while the first script was on its way, by address. */
  var berthEarly: Map<string, Promise<Response>> | undefined;
}

/** The answer to what was asked for before this script ran; once, and undefined for everything else. */
export function takeEarlyAnswer(address: string): Promise<Response> | undefined {
  const answer = globalThis.berthEarly?.get(address);
  globalThis.berthEarly?.delete(address);
  return answer;
}

/** From now on everything is asked for anew: what the first page needed, it has taken. */
export function forgetEarlyAnswers(): void {
  globalThis.berthEarly?.clear();
}
