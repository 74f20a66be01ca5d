package manager

import (
	"context"
	"fmt"
	"slices"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// hold keeps an item of an album, or a PDF of which nothing says what it is for:
// the word may come with another item, in a reply to one, or may have come
// before as a /done without a file. link is the ticket of what it replies to.
func (h *Handler) hold(ctx context.Context, tx ticket.Tx, e errand, link int64) error {
	if e.edited {
		return h.heldAlready(ctx, tx, e, link)
	}
	says := link != 0 || e.finishes || h.meantForUs(e)
	p, err := h.parcelFor(ctx, tx, e, says)
	if err != nil {
		return err
	}
	begun, err := h.Parcels.ParcelFiles(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read a parcel: %w", err)
	}
	if err := h.add(ctx, p, e); err != nil {
		return err
	}
	p.TouchedAt = tx.Now()
	if p.Album == "" {
		p.Album = e.m.MediaGroupID
	}
	if err := h.Parcels.UpdateParcel(ctx, p); err != nil {
		return fmt.Errorf("note what a parcel is: %w", err)
	}
	if says {
		return h.direct(ctx, tx, p, e, link)
	}
	if p.Ticket == 0 {
		return nil
	}
	if len(begun) == 0 { // what a /done waited for
		if err := seen(ctx, tx, p.Ticket, e.source); err != nil {
			return err
		}
	}
	return closing(ctx, tx, p)
}

// heldAlready deals with an item that was edited: a word about its ticket may
// have been added. Another file in its place is another report.
func (h *Handler) heldAlready(ctx context.Context, tx ticket.Tx, e errand, link int64) error {
	p, err := h.Parcels.ParcelAt(ctx, e.source.Chat, e.source.Message)
	if ticket.IsNotFound(err) || err == nil && link == 0 && !e.finishes {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a parcel: %w", err)
	}
	if p.Ticket == 0 {
		return h.direct(ctx, tx, p, e, link)
	}
	files, err := h.Parcels.ParcelFiles(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read a parcel: %w", err)
	}
	same := slices.ContainsFunc(files, func(f ticket.ParcelFile) bool {
		return f.Source == e.source && f.File.UniqueID == e.file.FileUniqueID
	})
	if same {
		return nil
	}
	return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextReportReplaced, Ticket: p.Ticket})
}

// parcelFor finds what a file belongs to: the parcel of its album, one that a
// /done of the same sender waits for, or one that they began just now; else a
// new one. One that says itself what it is for is nobody else's.
func (h *Handler) parcelFor(ctx context.Context, tx ticket.Tx, e errand, says bool) (ticket.Parcel, error) {
	album := e.m.MediaGroupID
	fresh := ticket.Parcel{Chat: e.source.Chat, Sender: senderOf(e.m), Album: album, TouchedAt: tx.Now()}
	if album != "" {
		p, err := h.Parcels.AlbumParcel(ctx, fresh.Chat, album)
		switch {
		case err == nil && !p.Closed():
			return p, nil
		case err == nil && !says: // it comes after all the others: a report of its own for the same ticket
			fresh.Ticket, fresh.By, fresh.Asked = p.Ticket, p.By, e.source
			return h.begin(ctx, tx, fresh)
		case err != nil && !ticket.IsNotFound(err):
			return p, fmt.Errorf("look for an album: %w", err)
		}
	}
	if says {
		return h.begin(ctx, tx, fresh)
	}
	known, err := h.Parcels.ParcelsOf(ctx, fresh.Chat, fresh.Sender, tx.Now().Add(-ticket.ClaimFor))
	if err != nil {
		return fresh, fmt.Errorf("look for what its sender sent: %w", err)
	}
	for _, p := range known {
		switch {
		case p.Claim && !p.Closed():
			return p, nil
		case p.Claim: // one more after all the others
			fresh.Ticket, fresh.By, fresh.Asked = p.Ticket, p.By, e.source
			return h.begin(ctx, tx, fresh)
		case album == "" && p.Album == "" && !p.Closed() && !tx.Now().After(p.Ends()):
			return p, nil
		}
	}
	return h.begin(ctx, tx, fresh)
}

// begin stores a new parcel, and forgets the old ones.
func (h *Handler) begin(ctx context.Context, tx ticket.Tx, p ticket.Parcel) (ticket.Parcel, error) {
	if err := h.Parcels.DropParcels(ctx, tx.Now().Add(-ticket.ParcelKept)); err != nil {
		return p, fmt.Errorf("forget old parcels: %w", err)
	}
	if err := h.Parcels.InsertParcel(ctx, &p); err != nil {
		return p, fmt.Errorf("begin a parcel: %w", err)
	}
	return p, nil
}

// direct takes what a message says of a parcel's ticket, by a caption or by what
// it replies to: it holds for all that is in it. What is wrong with it is said
// once, whatever the other items say.
func (h *Handler) direct(ctx context.Context, tx ticket.Tx, p ticket.Parcel, e errand, link int64) error {
	if e.own && !e.edited && p.Ticket == 0 && p.Asked.Message != 0 { // it was answered by what is wrong
		return nil
	}
	no, err := h.objection(ctx, tx, e, link)
	if err != nil {
		return err
	}
	id := e.ticket(link)
	if no == nil {
		no, err = h.objectionToDirection(ctx, tx, p, id)
	}
	if err != nil {
		return err
	}
	if no == nil && p.Ticket == id && !p.Closed() { // it says the same as another
		return closing(ctx, tx, p)
	}
	p.Asked = message.PlaceOf(e.m)
	if no != nil {
		if !p.Closed() {
			p.Ticket = 0
		}
		if err := h.Parcels.UpdateParcel(ctx, p); err != nil {
			return fmt.Errorf("note what is wrong with a parcel: %w", err)
		}
		return h.reply(ctx, tx, e.m, *no)
	}
	return h.aim(ctx, tx, p, e, id)
}

// objectionToDirection says what is wrong with a parcel's being for a ticket: it
// is for another, or was accepted for it before.
func (h *Handler) objectionToDirection(ctx context.Context, tx ticket.Tx, p ticket.Parcel, id int64) (*ticket.Say, error) {
	switch {
	case p.Ticket == 0, p.Closed() && p.Ticket != id, !p.Closed() && p.Ticket == id:
		return nil, nil //nolint:nilnil // no objection
	case p.Ticket != id:
		return &ticket.Say{Text: message.TextOtherTicket, Ticket: p.Ticket, Count: int(id)}, nil
	}
	files, err := h.Parcels.ParcelFiles(ctx, p.ID)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	r, err := tx.ReportAt(ctx, files[0].Source.Chat, files[0].Source.Message)
	if ticket.IsNotFound(err) || err == nil && (r.TicketID != id || r.Status == ticket.ReportRefused) {
		return nil, nil //nolint:nilnil // it was refused, and may be tried once more
	}
	if err != nil {
		return nil, fmt.Errorf("look for an earlier report: %w", err)
	}
	return &ticket.Say{Text: message.TextReportKnown, Ticket: id}, nil
}

// aim sets what a parcel is for, and shows its sender that it was understood.
func (h *Handler) aim(ctx context.Context, tx ticket.Tx, p ticket.Parcel, e errand, id int64) error {
	by, err := h.author(ctx, e)
	if err != nil {
		return err
	}
	p.Ticket, p.By, p.Asked = id, by, message.PlaceOf(e.m)
	p.ClosedAt = ticket.Parcel{}.ClosedAt
	if err := h.Parcels.UpdateParcel(ctx, p); err != nil {
		return fmt.Errorf("note what a parcel is for: %w", err)
	}
	files, err := h.Parcels.ParcelFiles(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read a parcel: %w", err)
	}
	if len(files) > 0 { // a reaction in an album lands on its first message
		if err := seen(ctx, tx, id, files[0].Source); err != nil {
			return err
		}
	}
	return closing(ctx, tx, p)
}

// claim has a /done without a file claim the PDFs that its sender sends next, or
// has just sent.
func (h *Handler) claim(ctx context.Context, tx ticket.Tx, e errand, id int64) error {
	sender := senderOf(e.m)
	known, err := h.Parcels.ParcelsOf(ctx, e.m.Chat.ID, sender, tx.Now().Add(-ticket.ClaimFor))
	if err != nil {
		return fmt.Errorf("look for what its sender sent: %w", err)
	}
	for _, p := range known {
		if p.Ticket == 0 && !p.Claim && !tx.Now().After(p.Ends()) {
			return h.aim(ctx, tx, p, e, id)
		}
	}
	by, err := h.author(ctx, e)
	if err != nil {
		return err
	}
	if _, err := h.begin(ctx, tx, ticket.Parcel{
		Chat: e.m.Chat.ID, Sender: sender, Claim: true, Ticket: id, By: by, Asked: message.PlaceOf(e.m), TouchedAt: tx.Now(),
	}); err != nil {
		return err
	}
	return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextReportExpected, Ticket: id})
}

// unclaim ends the waiting for files of somebody who sent one another way.
func (h *Handler) unclaim(ctx context.Context, tx ticket.Tx, e errand, id int64) error {
	known, err := h.Parcels.ParcelsOf(ctx, e.m.Chat.ID, senderOf(e.m), tx.Now().Add(-ticket.ClaimFor))
	if err != nil {
		return fmt.Errorf("look for what its sender sent: %w", err)
	}
	for _, p := range known {
		if p.Claim && p.Ticket == id {
			if p.Claim = false; !p.Closed() {
				p.ClosedAt = tx.Now()
			}
			if err := h.Parcels.UpdateParcel(ctx, p); err != nil {
				return fmt.Errorf("end a claim: %w", err)
			}
		}
	}
	return nil
}

// albumOf finds what a /done replies to an item of: an album, or PDFs that came
// one by one and are one report; none has number 0.
func (h *Handler) albumOf(ctx context.Context, tx ticket.Tx, e errand) (ticket.Parcel, error) {
	if e.own || e.file == nil {
		return ticket.Parcel{}, nil
	}
	p, err := h.Parcels.ParcelAt(ctx, e.source.Chat, e.source.Message)
	switch {
	case ticket.IsNotFound(err):
		return h.newsOfAlbum(ctx, tx, e)
	case err != nil:
		return p, fmt.Errorf("look for an album: %w", err)
	case p.Album == "" && p.Ticket == 0: // what was sent one by one is meant one by one
		return ticket.Parcel{}, nil
	}
	return p, nil
}

// newsOfAlbum begins the parcel of an album of which the bot has seen nothing but
// a reply to one of its items. If the others are yet to come, they join it.
func (h *Handler) newsOfAlbum(ctx context.Context, tx ticket.Tx, e errand) (p ticket.Parcel, err error) {
	_, replied, _ := h.repliedTo(e.m)
	if replied == nil || replied.MediaGroupID == "" {
		return p, nil
	}
	item := h.readErrand(replied)
	item.source = e.source
	if p, err = h.parcelFor(ctx, tx, item, true); err != nil {
		return p, err
	}
	return p, h.add(ctx, p, item)
}

// add puts a file into a parcel.
func (h *Handler) add(ctx context.Context, p ticket.Parcel, e errand) error {
	f := ticket.ParcelFile{
		Source: e.source, File: ticket.File{FileID: e.file.FileID, UniqueID: e.file.FileUniqueID, Size: e.file.FileSize},
	}
	if no := h.objectionToFile(e, ticket.Ticket{}); no != nil {
		f.Fault = no.Reason
	}
	if err := h.Parcels.AddToParcel(ctx, p.ID, f); err != nil {
		return fmt.Errorf("add to a parcel: %w", err)
	}
	return nil
}

// announces tells a /done whose file is yet to come: it replies to nothing, or
// to what stands for its ticket.
func (h *Handler) announces(e errand, link int64) bool {
	_, _, replies := h.repliedTo(e.m)
	return !e.edited && (link != 0 || !replies && e.m.ExternalReply == nil)
}
