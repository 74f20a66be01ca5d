package panel

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vinbot/internal/ticket"
)

const (
	// maxBulk is how many tickets are changed at once: those of a page.
	maxBulk = 100
	// maxTold is of how many of them it is told why they were not.
	maxTold = 8
)

// doInBulk does one thing to many tickets, each by itself, and says of each that
// stayed as it was why.
func (v *visit) doInBulk() error {
	wanted := verb(v.r.PostFormValue("do"))
	if !slices.Contains(inBulk(), wanted) {
		return v.refuse(http.StatusUnprocessableEntity, "bulk.choose_action")
	}
	chosen := v.r.PostForm["id"]
	switch {
	case len(chosen) == 0:
		return v.refuse(http.StatusUnprocessableEntity, "bulk.choose_tickets")
	case len(chosen) > maxBulk:
		return v.refuse(http.StatusUnprocessableEntity, "bulk.too_many", "Count", maxBulk)
	}
	w, err := v.readWish(wanted)
	if err != nil {
		return err
	}
	done, not := 0, []string{}
	for _, each := range chosen {
		why, err := v.oneOfMany(w, each)
		switch {
		case err != nil:
			return err
		case why != "":
			not = append(not, why)
		default:
			done++
		}
	}
	if err := v.sayOfMany(done, not); err != nil {
		return err
	}
	return v.backToQueue()
}

// oneOfMany does it to one ticket, "17:3" being the third version of #17, and
// says why not.
func (v *visit) oneOfMany(w wish, named string) (why string, err error) {
	first, second, _ := strings.Cut(named, ":")
	id, ok := theirNumber(first)
	version, wrong := strconv.ParseInt(second, 10, 64)
	if !ok || wrong != nil {
		return "", v.refuse(http.StatusUnprocessableEntity, "bulk.choose_tickets")
	}
	err = v.fulfil(w, id, version)
	told, refused := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		return "", nil
	case refused:
		return told.text, nil
	case ticket.IsNotFound(err):
		return v.pages.text(v.lang, "bulk.gone", "Number", id)
	case ticket.CodeOf(err) == ticket.CodeConflict:
		return v.pages.text(v.lang, "bulk.conflict", "Number", id)
	}
	return "", err
}

// sayOfMany says what became of all of them.
func (v *visit) sayOfMany(done int, not []string) error {
	if len(not) == 0 {
		return v.say("bulk.done", "Count", done)
	}
	why := strings.Join(not[:min(len(not), maxTold)], "; ")
	if more := len(not) - maxTold; more > 0 {
		rest, err := v.pages.text(v.lang, "bulk.more", "Count", more)
		if err != nil {
			return err
		}
		why += "; " + rest
	}
	text, err := v.pages.text(v.lang, "bulk.partly", "Done", done, "Not", len(not), "Why", why)
	v.notice(bad, text)
	return err
}

// backToQueue shows the queue again, as it was filtered.
func (v *visit) backToQueue() error {
	back := v.cameFrom("/")
	if !v.partial() {
		return v.leave(back)
	}
	address, err := url.Parse(back)
	if err != nil {
		return v.leave("/")
	}
	f, err := v.filter(address.Query())
	if err != nil {
		return err
	}
	shown, err := v.queue(f)
	if err != nil {
		return err
	}
	return v.part("queue.list", shown)
}
