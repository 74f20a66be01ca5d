package manager

import (
	"sync"

	"github.com/go-telegram/bot/models"
)

// Roster knows which admins of the groups act anonymously. A message from one
// names nobody, but a press names the real person, and Telegram does not say
// with it that this person hides: only the list of a group's admins does
// (getChatAdministrators), and the update about a member that changed. Of a
// group whose list was never learned it says that nobody hides.
type Roster struct {
	mu     sync.RWMutex
	hidden map[int64]map[int64]bool // by chat, by user
	notes  int                      // how many changes were noted
	noted  map[int64]map[int64]int  // which of them was a user's last
	known  map[int64]bool           // the groups whose list was learned
}

// NewRoster makes a roster that knows of nobody.
func NewRoster() *Roster {
	return &Roster{hidden: map[int64]map[int64]bool{}, noted: map[int64]map[int64]int{}, known: map[int64]bool{}}
}

// Asking is to be called before a group's list is asked for: what is noted while
// Telegram answers is newer than the list.
func (r *Roster) Asking() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.notes
}

// Learn takes the list of a group's admins, which was asked for then.
func (r *Roster) Learn(chat int64, asked int, admins []models.ChatMember) {
	hidden := map[int64]bool{}
	for _, m := range admins {
		if user, anonymous := anonymity(m); anonymous {
			hidden[user] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for user, at := range r.noted[chat] {
		if at <= asked {
			continue
		}
		if delete(hidden, user); r.hidden[chat][user] {
			hidden[user] = true
		}
	}
	r.hidden[chat], r.noted[chat], r.known[chat] = hidden, map[int64]int{}, true
}

// Note takes what became of one member of a group.
func (r *Roster) Note(chat int64, m models.ChatMember) {
	user, anonymous := anonymity(m)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hidden[chat] == nil {
		r.hidden[chat] = map[int64]bool{}
	}
	if r.noted[chat] == nil {
		r.noted[chat] = map[int64]int{}
	}
	r.notes++
	r.noted[chat][user] = r.notes
	if anonymous {
		r.hidden[chat][user] = true
		return
	}
	delete(r.hidden[chat], user)
}

// Knows reports whether a group's list was learned.
func (r *Roster) Knows(chat int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known[chat]
}

// Hides reports whether a person acts anonymously in a group.
func (r *Roster) Hides(chat, user int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.hidden[chat][user]
}

// anonymity reads who a member is, and whether that is to stay unknown.
func anonymity(m models.ChatMember) (user int64, anonymous bool) {
	u := MemberOf(m)
	if u == nil {
		return 0, false
	}
	return u.ID, m.Owner != nil && m.Owner.IsAnonymous || m.Administrator != nil && m.Administrator.IsAnonymous
}
