package crm

import (
	"context"
	"errors"
	"strconv"

	"vinbot/internal/ticket"
)

// errErased says that the ticket was erased while it was brought over: nothing
// more of it is.
var errErased = errors.New("the ticket is erased")

// bring brings a ticket's deal to where the ticket is, and tells there what
// happened since a comment told last. One in the bin stays as it is.
func (c *Carrier) bring(ctx context.Context, id int64, again bool) error {
	t, err := c.Tickets.Ticket(ctx, id)
	if ticket.IsNotFound(err) || t.Erased() {
		return nil
	}
	if err != nil {
		return err
	}
	events, err := c.Tickets.Events(ctx, id)
	if err != nil {
		return err
	}
	link, err := c.Store.Deal(ctx, id)
	if err != nil || link.Gone {
		return err
	}
	err = c.deal(ctx, t, &link)
	if err == nil {
		err = c.tell(ctx, t, &link, events, again)
	}
	if isGone(err) && link.ID != "" {
		c.Log.Info().Str("request_id", ticket.RequestID(ctx)).Int64("ticket", id).Msg("its deal was deleted in the CRM, and stays so")
		link.Gone = true
		return c.saveDeal(ctx, id, link)
	}
	return err
}

// saveDeal stores what is known of a deal.
func (c *Carrier) saveDeal(ctx context.Context, id int64, l Link) error {
	saved, err := c.Store.SaveDeal(ctx, id, l)
	if err == nil && !saved {
		return errErased
	}
	return err
}

// deal makes the deal, or writes what is new in it.
func (c *Carrier) deal(ctx context.Context, t ticket.Ticket, link *Link) error {
	contact, err := c.contact(ctx, t, link.ID == "")
	if err != nil {
		return err
	}
	if link.ID == "" {
		if err := c.open(ctx, t, link, contact); err != nil {
			return err
		}
	}
	d := c.dealOf(t, contact, link.Status)
	if link.Sent == d.digest() && d.Stage == "" {
		return nil
	}
	_, err = c.CRM.SaveDeal(ctx, link.ID, d)
	elsewhere := errors.Is(err, ErrElsewhere)
	if err != nil && !elsewhere {
		return err
	}
	news := elsewhere && !link.Elsewhere
	link.Sent, link.Status = d.digest(), t.Status
	if d.Stage != "" {
		link.Elsewhere = elsewhere
	}
	if news {
		return c.moved(ctx, t.ID, *link)
	}
	return c.saveDeal(ctx, t.ID, *link)
}

// moved stores that a deal was moved to another pipeline, and has the admins told,
// once a day: where people move many they mean it.
func (c *Carrier) moved(ctx context.Context, id int64, l Link) error {
	c.Log.Info().Int64("ticket", id).Msg("its deal is in another pipeline of the CRM, and its stage stays")
	return c.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if err := c.saveDeal(ctx, id, l); err != nil {
			return err
		}
		news, err := c.Store.Elsewhere(ctx, tx.Now(), movedPause)
		if err != nil || !news {
			return err
		}
		return c.alarm(ctx, tx, ticket.Say{Text: ticket.TextCRMElsewhere, Name: c.CRM.Account(), Ticket: id})
	})
}

// open finds the deal, or makes one. That it is tried is stored before, so that
// whoever comes after a crash, or a lost answer, does not make another while
// that one may yet appear.
func (c *Carrier) open(ctx context.Context, t ticket.Ticket, link *Link, contact string) error {
	d := c.dealOf(t, contact, "")
	id, err := c.CRM.FindDeal(ctx, d.Key)
	if err != nil {
		return err
	}
	if id == "" {
		now := c.Clock()
		if wait := link.TriedAt.Add(doubt).Sub(now); wait > 0 {
			return doubtError{wait}
		}
		link.TriedAt = now
		if err := c.saveDeal(ctx, t.ID, *link); err != nil {
			return err
		}
		if id, err = c.CRM.SaveDeal(ctx, "", d); err != nil {
			return err
		}
		link.Sent, link.Status = d.digest(), t.Status
	}
	link.ID = id
	return c.saveDeal(ctx, t.ID, *link)
}

// contact gives the id of the owner's contact, which is made where there is
// none. For a new deal it is searched whatever is known: people merge and delete
// contacts. One that is found keeps the name that it has there.
func (c *Carrier) contact(ctx context.Context, t ticket.Ticket, search bool) (string, error) {
	if t.OwnerID == 0 {
		return "", nil
	}
	link, err := c.Store.Contact(ctx, t.OwnerID)
	if err != nil {
		return "", err
	}
	person := Contact{Key: strconv.FormatInt(t.OwnerID, 10)}
	if person.Name, person.Username, err = c.Owner(ctx, t.OwnerID); err != nil {
		return "", err
	}
	if person.Name == "" {
		person.Name = "Telegram " + person.Key
	}
	if search || link.ID == "" {
		if err := c.meet(ctx, t, &link, person); err != nil {
			return "", err
		}
	}
	if link.Sent == digestOf(person) {
		return link.ID, nil
	}
	_, err = c.CRM.SaveContact(ctx, link.ID, person)
	if isGone(err) && !search {
		return c.contact(ctx, t, true)
	}
	if err != nil {
		return "", err
	}
	link.Sent = digestOf(person)
	return link.ID, c.saveContact(ctx, t, link)
}

// meet finds the owner's contact, or makes one.
func (c *Carrier) meet(ctx context.Context, t ticket.Ticket, link *Link, person Contact) error {
	id, err := c.CRM.FindContact(ctx, person.Key)
	if err != nil || id != "" && id == link.ID {
		return err
	}
	if id == "" {
		now := c.Clock()
		if wait := link.TriedAt.Add(doubt).Sub(now); link.ID == "" && wait > 0 {
			return doubtError{wait}
		}
		*link = Link{TriedAt: now}
		if err := c.saveContact(ctx, t, *link); err != nil {
			return err
		}
		if id, err = c.CRM.SaveContact(ctx, "", person); err != nil {
			return err
		}
	}
	link.ID, link.Sent = id, digestOf(person)
	return c.saveContact(ctx, t, *link)
}

func (c *Carrier) saveContact(ctx context.Context, t ticket.Ticket, l Link) error {
	saved, err := c.Store.SaveContact(ctx, t.ID, t.OwnerID, l)
	if err == nil && !saved {
		return errErased
	}
	return err
}

// tell adds a comment about what happened since the last one. Where a try may
// have added it already, the comments that are there say how far they tell.
func (c *Carrier) tell(ctx context.Context, t ticket.Ticket, link *Link, events []ticket.Event, again bool) error {
	if len(events) == 0 {
		return nil
	}
	last := events[len(events)-1].ID
	if last <= link.Told {
		return nil
	}
	told := link.Told
	if again && c.commentOf(t, events, told, link.Elsewhere) != "" {
		comments, err := c.CRM.Comments(ctx, link.ID)
		if err != nil {
			return err
		}
		told = toldBy(comments, told)
	}
	if text := c.commentOf(t, events, told, link.Elsewhere); text != "" {
		if err := c.CRM.Comment(ctx, link.ID, text); err != nil {
			return err
		}
	}
	link.Told = last
	return c.saveDeal(ctx, t.ID, *link)
}
