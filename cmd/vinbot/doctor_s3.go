package main

import (
	"context"
	"errors"

	"vinbot/internal/app"
	"vinbot/internal/blob"
)

// s3Settings are those without which the bucket cannot be looked at.
func s3Settings() []string {
	return []string{"S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_PATH_STYLE"}
}

// bucket stores a file where reports are archived, reads it and deletes it.
func (d *patient) bucket(ctx context.Context) []finding {
	if !d.cfg.S3() {
		if d.cfg.Database.Path() != "" {
			return []finding{fine("no bucket is set: reports are archived in %s", d.cfg.DataDir)}
		}
		return []finding{warn("set S3_ENDPOINT and what belongs to it; vinbot blob copy takes along what is archived already. A single machine needs no bucket",
			"reports are archived in a folder, and with PostgreSQL vinbot may run on several machines: each would see its own folder only")}
	}
	s, err := app.Bucket(d.cfg, d.now, nil)
	if err != nil {
		return []finding{fail("mend S3_ENDPOINT", "%s", err)}
	}
	defer s.Close()
	if err := s.Probe(ctx); err != nil {
		cause, advice := s.Explain(err)
		return []finding{fail(advice+". Owners get their reports meanwhile; the archive catches up", "%s", cause)}
	}
	found := []finding{fine("reports are archived in the bucket %s at %s", d.cfg.S3Bucket, d.cfg.S3Endpoint)}
	if err := s.Each(ctx, func(string, int64) error { return errSeen }); err != nil && !errors.Is(err, errSeen) {
		cause, advice := s.Explain(err)
		found = append(found, warn(advice, "its files cannot be listed, as vinbot blob copy does: %s", cause))
	}
	switch begun, err := s.Unfinished(ctx); {
	case err != nil:
		cause, advice := s.Explain(err)
		found = append(found, warn(advice, "uploads that were never ended cannot be listed, as the bot does to take them back: %s", cause))
	case begun > 0:
		found = append(found, warn("the bot takes them back within an hour of its start; a lifecycle rule of the bucket (docs/operations.md) would, too",
			"uploads in parts that were begun over a day ago and never ended: %d; they hold reports, and are paid for", begun))
	}
	if s.Versioned(ctx) {
		found = append(found, warn("switch versions off, or have a lifecycle rule remove older ones after as many days as you may keep them",
			"the bucket keeps versions: what an owner has erased stays in it"))
	}
	if blob.OverTheNetwork(string(d.cfg.S3Endpoint)) {
		found = append(found, warn("use https://", "reports travel to %s unencrypted", d.cfg.S3Endpoint))
	}
	return found
}

// errSeen ends a list at its first entry.
var errSeen = errors.New("seen")
