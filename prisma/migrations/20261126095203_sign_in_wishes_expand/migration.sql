-- Mails to sign in by that were asked for and aren't written yet: looked for all the time, among links and codes of which there may be many.
CREATE INDEX verifications_sign_in_wish_idx ON verifications(created_at) WHERE identifier LIKE 'sign-in-wish:%';
