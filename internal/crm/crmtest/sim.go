// Package crmtest has simulators of CRMs for tests, each written from its
// vendor's public documentation, whose page every method names. They are strict:
// what the documentation does not allow is refused and noted as a complaint.
package crmtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"sync"
	"time"
)

// Mood is how a CRM meets a request.
type Mood int

// The moods.
const (
	Well        Mood = iota
	Lost             // it does what was asked, but the answer is lost
	Unreachable      // nobody answers, and nothing is done
	Down             // it answers that it is broken, and does nothing
	Refusing         // it does not take the token
	Limiting         // it says that there were too many requests
	Puzzled          // it does not understand what it is told
)

// The names of what is asked, for [Sim.Behave].
const (
	Check         = "check"
	Stages        = "stages"
	Fields        = "fields"
	MakeFields    = "make fields"
	FindDeal      = "find deal"
	AddDeal       = "add deal"
	UpdateDeal    = "update deal"
	FindContact   = "find contact"
	AddContact    = "add contact"
	UpdateContact = "update contact"
	Comment       = "comment"
	Comments      = "comments"
)

// Deal is a deal as people see it.
type Deal struct {
	ID       int64
	Key      string
	Title    string
	Stage    string
	VIN      string
	Car      string
	Priority string
	Ticket   string
	Report   string
	Contacts []int64
	Comments []string
}

// Contact is a contact as people see it.
type Contact struct {
	ID       int64
	Telegram string
	Name     string
	Username string
}

// Sim is what the simulators share.
type Sim struct {
	mu       sync.Mutex
	now      func() time.Time
	next     int64
	deals    map[int64]*item
	contacts map[int64]*item
	behave   func(what string) Mood
	asked    []string
	wrong    []string // complaints
	limited  int
}

// item is a deal or a contact.
type item struct {
	id       int64
	fields   map[string]any
	contacts []int64
	comments []string
	made     time.Time
}

func newSim(now func() time.Time) *Sim {
	return &Sim{now: now, deals: map[int64]*item{}, contacts: map[int64]*item{}, behave: func(string) Mood { return Well }}
}

// Behave has the CRM meet requests by a function, which is told what is asked;
// nil: it is well.
func (s *Sim) Behave(how func(what string) Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if how == nil {
		how = func(string) Mood { return Well }
	}
	s.behave = how
}

// Asked lists what was asked so far.
func (s *Sim) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Complaints lists what was asked wrongly.
func (s *Sim) Complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wrong)
}

// Limited counts the requests that were over the limit.
func (s *Sim) Limited() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limited
}

// DeleteDeals has people delete all deals; DeleteContacts all contacts.
func (s *Sim) DeleteDeals() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.deals)
}

// DeleteContacts has people delete all contacts.
func (s *Sim) DeleteContacts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.contacts)
}

// DeleteDeal has people delete one.
func (s *Sim) DeleteDeal(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.deals, id)
}

func (s *Sim) complain(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// add keeps a new item.
func (s *Sim) add(to map[int64]*item, fields map[string]any, contacts []int64) *item {
	s.next++
	i := &item{id: s.next, fields: fields, contacts: contacts, made: s.now()}
	to[i.id] = i
	return i
}

// sorted lists items by id.
func sorted(of map[int64]*item) []*item {
	all := make([]*item, 0, len(of))
	for _, i := range of {
		all = append(all, i)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].id < all[b].id })
	return all
}

func (i *item) text(field string) string {
	text, _ := i.fields[field].(string)
	return text
}

// answered is an answer on its way.
type answered struct {
	status int
	body   any // nil: empty
}

// errLost is what a client sees of a connection that was cut.
var errLost = errors.New("crmtest: the connection was cut")

// carry meets a request: what names it, do carries it out.
func (s *Sim) carry(r *http.Request, what string, bad map[Mood]answered, do func() answered) (*http.Response, error) {
	s.asked = append(s.asked, what)
	mood := s.behave(what)
	switch mood {
	case Unreachable:
		return nil, errLost
	case Down, Refusing, Limiting, Puzzled:
		return respond(r, bad[mood])
	case Well, Lost:
	}
	a := do()
	if mood == Lost {
		return nil, errLost
	}
	return respond(r, a)
}

func respond(r *http.Request, a answered) (*http.Response, error) {
	var text []byte
	if a.body != nil {
		var err error
		if text, err = json.Marshal(a.body); err != nil {
			return nil, fmt.Errorf("crmtest: write an answer: %w", err)
		}
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(text)),
	}, nil
}

// object reads a JSON object, and complains of keys that it may not have.
func (s *Sim) object(of string, v any, keys ...string) map[string]any {
	fields, ok := v.(map[string]any)
	if !ok {
		s.complain("%s: %T is no object", of, v)
		return map[string]any{}
	}
	for key := range fields {
		if !slices.Contains(keys, key) {
			s.complain("%s: there is no %q", of, key)
		}
	}
	return fields
}

// integer reads a JSON number that is whole.
func integer(v any) (int64, bool) {
	number, ok := v.(float64)
	return int64(number), ok && number == float64(int64(number))
}

// isURL reports whether a text is a link, or empty.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
