/** What an operator does about a reason, and why it came: said in place of the server's sentence. */
export const advice = {
  ZoneLeft:
    'Somebody deleted the zone at Cloudflare, or moved it to another account, while its website stays. Bring it back into our account, or delete the website; it goes on by itself.',
  ZoneDeleted:
    'Somebody deleted the zone at Cloudflare, or moved it to another account. Add it to our account again; then the domain needs the new name servers.',
} as const;
