import { type Chance, systemChance } from '../runtime/chance.ts';

/** Under which what failed is due again after a minute and not after a second: a slow machine must not try it again within the same `settle`. */
export const patientChance: Chance = { ...systemChance, random: () => 300 };
