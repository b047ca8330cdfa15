import { profiles } from '@berth/simulators/cloudflare/profile';

/** Which limits the simulated Cloudflare account has, and why. */
export interface ChosenProfile {
  name: 'ordinary' | 'enterprise';
  /** for people: what it means */
  meaning: string;
}

/** `ordinary` as long as an ordinary account carries that many orders at once, else `enterprise`. */
export function chooseProfile(orders: number): ChosenProfile {
  const { zonesPer10Minutes, pendingCapFrom, tunnels, requestsPer5Minutes } = profiles.ordinary;
  const carries = Math.min(zonesPer10Minutes, pendingCapFrom, tunnels);
  if (orders <= carries) {
    const calls = requestsPer5Minutes.toLocaleString('en');
    return {
      name: 'ordinary',
      meaning: `an ordinary account's limits: ${zonesPer10Minutes} new zones in 10 minutes, ${calls} calls in 5`,
    };
  }
  return { name: 'enterprise', meaning: `an ordinary account takes ${carries} new zones in 10 minutes, not ${orders}` };
}
