package panel

import (
	"context"
	"net/http"
	"strconv"
	"unicode/utf16"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// talk sends managers' questions to owners.
type talk interface {
	Ask(ctx context.Context, a ticket.Asking) (ticket.Line, error)
}

// conversations is where they are read.
type conversations interface {
	Conversation(ctx context.Context, ticket int64, limit int) ([]ticket.Spoken, error)
}

// utterance is a message of a conversation as the page shows it.
type utterance struct {
	ticket.Spoken

	Who   string
	Links []string // where it can be read
	Why   string   // why it did not arrive
}

// conversation tells what managers and owner said about a ticket. The words are
// with Telegram, but for those of a question on its way.
func (v *visit) conversation(t ticket.Ticket) ([]utterance, error) {
	said, err := v.Conversations.Conversation(v.ctx(), t.ID, dossierSize)
	if err != nil {
		return nil, err
	}
	lines := make([]utterance, len(said))
	for i, s := range said {
		u := utterance{Spoken: s}
		if u.Who, err = v.doer(t, s.AuthorID, nil); err != nil {
			return nil, err
		}
		if u.Reason() != "" {
			if u.Why, err = v.word("why.", u.Reason()); err != nil {
				return nil, err
			}
		}
		for _, at := range append(s.Copies, s.Source) {
			if link := messageLink(at); link != "" {
				u.Links = append(u.Links, link)
			}
		}
		lines[i] = u
	}
	return lines, nil
}

// Reason is why a question did not arrive.
func (u utterance) Reason() string { return u.Spoken.Reason }

// askOwner sends the owner a question, as /ask does.
func (v *visit) askOwner() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	words := ticket.Words(v.r.PostFormValue("words"))
	t, err := v.Store.Ticket(v.ctx(), id)
	if err != nil {
		return err
	}
	if err := v.unaskable(t, words); err != nil {
		return err
	}
	known, _ := strconv.ParseInt(v.r.PostFormValue("known"), 10, 64) // none: nothing was said yet
	err = v.did(account.Deed{Action: "ticket.ask", Ticket: id}, func(ctx context.Context) error {
		_, err := v.Talk.Ask(ctx, ticket.Asking{Ticket: id, Text: words, By: v.actor(), Known: known})
		if ticket.CodeOf(err) == ticket.CodeConflict {
			return v.refuse(http.StatusConflict, "ask.went_on")
		}
		return err
	})
	if err != nil {
		if v.partial() { // what was written stays; what was said meanwhile appears beside it
			return err
		}
		return v.conflictAbout(id, err)
	}
	if err := v.say("ask.sent"); err != nil {
		return err
	}
	return v.answerAbout(http.StatusOK, id)
}

// unaskable refuses a question that cannot be sent.
func (v *visit) unaskable(t ticket.Ticket, words string) error {
	switch {
	case words == "":
		return v.refuse(http.StatusUnprocessableEntity, "ask.empty")
	case len(utf16.Encode([]rune(words))) > message.MaxQuestion:
		return v.refuse(http.StatusUnprocessableEntity, "ask.too_long", "Count", message.MaxQuestion)
	case t.OwnerID == 0 || t.Fetched:
		return v.refuse(http.StatusConflict, "ask.nobody")
	case !t.Status.Open():
		return v.refuse(http.StatusConflict, "ask.closed")
	}
	_, err := v.Bans.Banned(v.ctx(), t.OwnerID)
	switch {
	case err == nil:
		return v.refuse(http.StatusConflict, "ask.banned")
	case !ticket.IsNotFound(err):
		return err
	}
	return nil
}
