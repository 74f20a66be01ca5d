-- +goose Up

-- People are looked for by what their name begins with, or its last word: in
-- small letters, compared letter by letter, whatever the server's language. Who
-- comes again writes these anew where they are others.
ALTER TABLE users ADD COLUMN folded TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN last_word TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE users SET folded = translate(lower(trim(name)), 'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁё', 'абвгдежзийклмнопрстуфхцчшщъыьэюяее');
UPDATE users SET last_word = substring(folded FROM '[^ ]+$') WHERE folded LIKE '% %';
CREATE INDEX users_folded ON users (folded, id) WHERE folded <> '';
CREATE INDEX users_last_word ON users (last_word, id) WHERE last_word <> '';

-- What was done is listed by time: several processes number it out of order.
DROP INDEX audit_user;
DROP INDEX audit_ticket;
DROP INDEX audit_person;
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_user ON audit (user_id, at, id);
CREATE INDEX audit_action ON audit (action, at, id);
CREATE INDEX audit_ticket ON audit (ticket_id, at, id) WHERE ticket_id <> 0;
CREATE INDEX audit_person ON audit (person_id, at, id) WHERE person_id <> 0;

-- +goose Down

DROP INDEX audit_person;
DROP INDEX audit_ticket;
DROP INDEX audit_action;
DROP INDEX audit_user;
DROP INDEX audit_at;
CREATE INDEX audit_user ON audit (user_id, id);
CREATE INDEX audit_ticket ON audit (ticket_id, id) WHERE ticket_id <> 0;
CREATE INDEX audit_person ON audit (person_id) WHERE person_id <> 0;
DROP INDEX users_last_word;
DROP INDEX users_folded;
ALTER TABLE users DROP COLUMN last_word;
ALTER TABLE users DROP COLUMN folded;
