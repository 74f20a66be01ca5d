package demo

import (
	"fmt"
	"net/http"
	"strconv"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

const (
	// crowd is how many owners write at once: far more than the group may get
	// cards in a minute.
	crowd = 60
	// mostOwners bounds how many a world makes up in all.
	mostOwners = 1200
)

// flood has many owners, who have no place on the page, write a VIN each, so
// that the group gets its cards in digests.
func (w *world) flood() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.crowd+crowd > mostOwners {
		return refuse(http.StatusInsufficientStorage, "that are owners enough")
	}
	name := "Owner "
	if w.lang == config.Russian {
		name = "Владелец "
	}
	for range crowd {
		w.crowd++
		owner := w.sim.AddUser(telegramtest.User{FirstName: name + strconv.Itoa(w.crowd), Language: string(w.lang)})
		owner.Send(fmt.Sprintf("WVWZZZ1JZ3W%06d", w.crowd))
	}
	return nil
}

func flood(in *world, w http.ResponseWriter, _ *http.Request) error { return done(w, in.flood()) }
