package ticket

import (
	"context"
	"fmt"
	"time"
)

// Copy is a file in the archive that a report of a ticket is about to name.
type Copy struct {
	Ticket int64  `json:"ticket"`
	Key    string `json:"key"`
}

// copyTime is after how long a file is erased that no report names: much longer
// than storing one takes, and noting where it is.
const copyTime = time.Hour

// Copying says that a file is about to be stored. Whatever dies before a report
// names it, it is erased: what does so is committed before there is a file.
func (s *Service) Copying(ctx context.Context, c Copy) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		return tx.Supersede(ctx, c.unclaimed())
	})
	if err != nil {
		return fmt.Errorf("note that a file of ticket %d is about to be stored: %w", c.Ticket, err)
	}
	return nil
}

// unclaimed is the effect that erases a file which no report names. It is of no
// ticket, so that it outlives what is dropped of an erased one.
func (c Copy) unclaimed() Effect {
	return Effect{
		Kind: EffectCopyUnclaimed, Lane: "copy:" + c.Key, Urgency: Background, Merge: c.Key, After: copyTime, Payload: c,
	}
}

// Claimed reports whether a report names a file, or may soon: it is being stored
// once more.
func (s *Service) Claimed(ctx context.Context, c Copy) (claimed bool, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		claimed, err = tx.NamesCopy(ctx, c)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look who names a file of ticket %d: %w", c.Ticket, err)
	}
	return claimed, nil
}

// claimUploads is [claim] for the files of a report that were uploaded, of which
// nobody has another copy.
func claimUploads(ctx context.Context, tx Tx, r Report) error {
	for _, f := range r.Files() {
		if f.BlobKey == "" {
			continue
		}
		claimed, err := claim(ctx, tx, f.BlobKey)
		if err == nil && !claimed {
			err = NewError(CodeUnavailable, "the uploaded file was given up meanwhile", nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// claim has a file stay that a report names now. It reports whether it was about
// to be erased later: else it may be at this moment.
func claim(ctx context.Context, tx Tx, key string) (bool, error) {
	return tx.Withdraw(ctx, EffectCopyUnclaimed, key)
}
