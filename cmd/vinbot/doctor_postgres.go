package main

import (
	"context"
	"time"

	"vinbot/internal/app"
	"vinbot/internal/store"
)

// leaderAge is how old the leader's last sign of life may be.
const leaderAge = 15 * time.Second

// server looks at a PostgreSQL, beside the bots that may run on it: whether it
// answers and takes a write, its schema, and whether one of them leads.
func (d *patient) server(ctx context.Context) []finding {
	database := app.Database(d.cfg)
	list, err := store.MigrateStatus(ctx, database)
	if err != nil {
		return []finding{fail("start the server, or mend DATABASE_URL: host, port, name, user, password, sslmode",
			"%s cannot be used: %s", database, err)}
	}
	if !complete(list) { // the next start makes it so: nothing more can be asked of it
		return []finding{schema(ctx, database, "whether a vinbot leads on it is not known", false)}
	}
	runs, broken := leads(ctx, database)
	found := []finding{schema(ctx, database, runs, false)}
	if broken != nil && found[0].Status == outcomeOK {
		found = append(found, *broken)
	}
	return found
}

func complete(list []store.Migration) bool {
	for _, m := range list {
		if !m.Applied {
			return false
		}
	}
	return true
}

// leads says whether a bot leads on a database whose schema is known, and what
// is wrong where that cannot be told.
func leads(ctx context.Context, database store.Database) (string, *finding) {
	unknown := func(err error) (string, *finding) {
		f := fail("let its user read and write, and look at the server's disk", "%s: %s", database, err)
		return "whether a vinbot leads on it is not known", &f
	}
	s, err := store.Open(ctx, store.Options{Database: database, Clock: time.Now})
	if err != nil {
		return unknown(err)
	}
	defer s.Close()
	if err := s.Writable(ctx); err != nil {
		return unknown(err)
	}
	age, ever, err := s.LeaderBeat(ctx)
	switch {
	case err != nil:
		return unknown(err)
	case ever && age < leaderAge:
		return "a vinbot leads on it", nil
	}
	return "no vinbot leads on it", nil
}
