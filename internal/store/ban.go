package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// keyOfBans asks for it.
const keyOfBans = `SELECT value FROM keys WHERE name = ?`

// banKey names the key that people's ids are hashed with in the table of bans.
const banKey = "bans"

// bans keeps who may not use the bot. People stand there by a keyed hash of
// their id, so that a ban outlives the erasure of all that is known of them.
// The key is in the same database: it keeps an id from being read or found
// there, not from somebody who has the whole file and tries every id there is.
// A key derived from the bot's token would do better, but with every new token
// all bans would be gone.
type bans struct {
	s      *Store
	memory *banMemory
}

// banMemory is what a process knows of the key without asking. Every message
// asks for a ban, and most bots have none.
type banMemory struct {
	key atomic.Pointer[[]byte]
	// none says that there was no key, made that this process has made one since,
	// or tried to. Where other processes write it is never taken for granted.
	none, made atomic.Bool
}

var _ account.Bans = bans{}

// Bans gives the table of bans.
func (s *Store) Bans() account.Bans { return bans{s, &s.bans} }

// Ban bans a person, and reports whether they were not before. The reason of
// who was is replaced.
func (b bans) Ban(ctx context.Context, user int64, reason string, by int64) (fresh bool, err error) {
	err = b.s.do(ctx, func(ctx context.Context, t *tx) error {
		b.memory.made.Store(true)
		if err := t.makeKey(ctx); err != nil {
			return err
		}
		person, err := b.person(ctx, user)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "ban a person", `INSERT INTO bans (person, reason, by_id, banned_at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, person, reason, by, instant(t.now))
		if fresh = n == 1; err != nil || fresh {
			return err
		}
		_, err = t.exec(ctx, "ban a person anew", `UPDATE bans SET reason = ?, by_id = ? WHERE person = ?`, reason, by, person)
		return err
	})
	return fresh && err == nil, err
}

// Unban lifts a ban, and reports whether there was one.
func (b bans) Unban(ctx context.Context, user int64) (lifted bool, err error) {
	err = b.s.do(ctx, func(ctx context.Context, t *tx) error {
		person, err := b.person(ctx, user)
		if ticket.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "lift a ban", `DELETE FROM bans WHERE person = ?`, person)
		lifted = n == 1
		return err
	})
	return lifted && err == nil, err
}

// Banned finds a person's ban.
func (b bans) Banned(ctx context.Context, user int64) (account.Ban, error) {
	person, err := b.person(ctx, user)
	if err != nil {
		return account.Ban{}, err
	}
	var found account.Ban
	var at instant
	err = b.s.scan(ctx, "find a ban", sqlf(`SELECT reason, by_id, told, banned_at FROM bans WHERE person = ?`, person),
		&found.Reason, &found.By, &found.Told, &at)
	found.At = time.Time(at)
	return found, err
}

// Told notes that a person knows of their ban.
func (b bans) Told(ctx context.Context, user int64) error {
	return b.s.do(ctx, func(ctx context.Context, t *tx) error {
		person, err := b.person(ctx, user)
		if ticket.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "note that a ban is known", `UPDATE bans SET told = ? WHERE person = ?`, true, person)
		return err
	})
}

// forgetReason erases what was written about a person who is banned.
func (b bans) forgetReason(ctx context.Context, user int64) error {
	return b.s.do(ctx, func(ctx context.Context, t *tx) error {
		person, err := b.person(ctx, user)
		if ticket.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "erase the reason of a ban", `UPDATE bans SET reason = '' WHERE person = ?`, person)
		return err
	})
}

// person is how somebody stands in the table. Without a key, which the first
// ban makes, nobody does: a CodeNotFound error.
func (b bans) person(ctx context.Context, user int64) (string, error) {
	key, err := b.known(ctx)
	if err != nil {
		return "", err
	}
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(strconv.FormatInt(user, 10)))
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// known gives the key. What a transaction reads may yet be rolled back, so that
// it is remembered only from outside of one.
func (b bans) known(ctx context.Context) ([]byte, error) {
	const doing = "find the key of the bans"
	if key := b.memory.key.Load(); key != nil {
		return *key, nil
	}
	if b.memory.none.Load() && !b.memory.made.Load() {
		return nil, ticket.NewError(ticket.CodeNotFound, doing+": there is none", nil)
	}
	t := b.s.joined(ctx)
	if t != nil && t.writer.late.banless {
		return nil, ticket.NewError(ticket.CodeNotFound, doing+": there is none", nil)
	}
	var key []byte
	err := b.s.scan(ctx, doing, sqlf(keyOfBans, banKey).blind(), &key)
	switch {
	case ticket.IsNotFound(err):
		b.memory.none.Store(b.s.dialect.news() == "") // no other process makes one
	case err == nil && t == nil:
		b.memory.key.Store(&key)
	}
	return key, err
}

// makeKey makes the key where there is none: whoever comes first does, in
// whichever process.
func (t *tx) makeKey(ctx context.Context) error {
	made := make([]byte, sha256.Size)
	if _, err := rand.Read(made); err != nil {
		return fmt.Errorf("make the key of the bans: %w", err)
	}
	_, err := t.exec(ctx, "store the key of the bans", `INSERT INTO keys (name, value) VALUES (?, ?)
		ON CONFLICT DO NOTHING`, banKey, made)
	return err
}
