import type { Messages } from '../messages.ts';

export const advice: Messages['advice'] = {
  ZoneLeft:
    'Jemand hat die Zone bei Cloudflare gelöscht oder in ein anderes Konto verschoben, und die Website ist noch da. Holen Sie die Zone in unser Konto zurück, oder löschen Sie die Website; es geht von selbst weiter.',
  ZoneDeleted:
    'Jemand hat die Zone bei Cloudflare gelöscht oder in ein anderes Konto verschoben. Nehmen Sie sie wieder in unser Konto auf; danach braucht die Domain die neuen Nameserver.',
};
