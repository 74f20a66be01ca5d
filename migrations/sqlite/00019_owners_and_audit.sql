-- +goose Up

-- People are looked for by what their name begins with, or its last word: in
-- small letters, which SQLite makes of Latin ones only. Who comes again writes
-- these anew where they are others.
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN last_word TEXT NOT NULL DEFAULT '';
UPDATE users SET folded = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(trim(name)), 'А', 'а'), 'Б', 'б'), 'В', 'в'), 'Г', 'г'), 'Д', 'д'), 'Е', 'е'), 'Ж', 'ж'), 'З', 'з')
        , 'И', 'и'), 'Й', 'й'), 'К', 'к'), 'Л', 'л'), 'М', 'м'), 'Н', 'н'), 'О', 'о'), 'П', 'п')
        , 'Р', 'р'), 'С', 'с'), 'Т', 'т'), 'У', 'у'), 'Ф', 'ф'), 'Х', 'х'), 'Ц', 'ц'), 'Ч', 'ч')
        , 'Ш', 'ш'), 'Щ', 'щ'), 'Ъ', 'ъ'), 'Ы', 'ы'), 'Ь', 'ь'), 'Э', 'э'), 'Ю', 'ю'), 'Я', 'я')
        , 'Ё', 'е'), 'ё', 'е');
UPDATE users SET last_word = substr(folded, length(rtrim(folded, replace(folded, ' ', ''))) + 1) WHERE folded LIKE '% %';
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
