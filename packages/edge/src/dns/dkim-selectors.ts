/**
 * Under which names providers of mail keep the keys that they sign by (RFC 6376, 3.6.2.1): the selectors of Microsoft 365, Google, IONOS,
 * Strato, mailbox.org, Fastmail, Proton, Zoho, Mailjet, Mailchimp, SendGrid and Brevo, and those that programs propose. There is no way to list
 * them all.
 */
export const dkimSelectors: readonly string[] = [
  ...['default', 'dkim', 'mail', 'mx', 'key1'],
  ...['selector1', 'selector2', 'google', 's1', 's2', 'k1', 'k2', 'k3'],
  ...['s1-ionos', 's2-ionos', 's42582890', 'strato-dkim-0002', 'strato-dkim-0003'],
  ...['mbo0001', 'mbo0002', 'mbo0003', 'mbo0004', 'fm1', 'fm2', 'fm3', 'protonmail', 'protonmail2', 'protonmail3'],
  ...['zoho', 'zmail', 'mailjet', 'brevo1', 'brevo2'],
];
