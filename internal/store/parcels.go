package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// parcels keeps what managers sent together.
type parcels struct{ s *Store }

var _ ticket.Parcels = parcels{}

// Parcels gives the parcels.
func (s *Store) Parcels() ticket.Parcels { return parcels{s} }

// parcelRow is a row of parcels.
type parcelRow struct {
	ID           int64
	ChatID       int64
	SenderID     int64
	Album        string
	Claim        bool
	TicketID     int64
	ByID         int64
	ByName       string
	AskedChat    int64
	AskedTopic   int
	AskedMessage int
	TouchedAt    instant
	ClosedAt     instant
}

// TableName names the table.
func (parcelRow) TableName() string { return "parcels" }

func (r parcelRow) domain() ticket.Parcel {
	return ticket.Parcel{
		ID: r.ID, Chat: r.ChatID, Sender: r.SenderID, Album: r.Album, Claim: r.Claim, Ticket: r.TicketID,
		By:        ticket.Actor{ID: r.ByID, Name: r.ByName},
		Asked:     ticket.Place{Chat: r.AskedChat, Topic: r.AskedTopic, Message: r.AskedMessage},
		TouchedAt: time.Time(r.TouchedAt), ClosedAt: time.Time(r.ClosedAt),
	}
}

// parcelFileRow is a row of parcel_files.
type parcelFileRow struct {
	ChatID    int64
	MessageID int
	TopicID   int
	ParcelID  int64
	FileID    string
	UniqueID  string
	Size      int64
	Fault     string
}

// TableName names the table.
func (parcelFileRow) TableName() string { return "parcel_files" }

func (r parcelFileRow) domain() ticket.ParcelFile {
	return ticket.ParcelFile{
		Source: ticket.Place{Chat: r.ChatID, Topic: r.TopicID, Message: r.MessageID},
		File:   ticket.File{FileID: r.FileID, UniqueID: r.UniqueID, Size: r.Size},
		Fault:  r.Fault,
	}
}

// InsertParcel stores a parcel and sets its ID.
func (a parcels) InsertParcel(ctx context.Context, p *ticket.Parcel) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		p.TouchedAt = timeOr(p.TouchedAt, t.now)
		return t.scan(ctx, "insert a parcel", sqlf(`
			INSERT INTO parcels (chat_id, sender_id, album, claim, ticket_id, by_id, by_name,
				asked_chat, asked_topic, asked_message, touched_at, closed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			p.Chat, p.Sender, p.Album, p.Claim, p.Ticket, p.By.ID, p.By.Name,
			p.Asked.Chat, p.Asked.Topic, p.Asked.Message, instant(p.TouchedAt), instant(p.ClosedAt)), &p.ID)
	})
}

// UpdateParcel writes what may change of a parcel.
func (a parcels) UpdateParcel(ctx context.Context, p ticket.Parcel) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "update a parcel", `
			UPDATE parcels SET album = ?, claim = ?, ticket_id = ?, by_id = ?, by_name = ?,
				asked_chat = ?, asked_topic = ?, asked_message = ?, touched_at = ?, closed_at = ?
			WHERE id = ?`,
			p.Album, p.Claim, p.Ticket, p.By.ID, p.By.Name,
			p.Asked.Chat, p.Asked.Topic, p.Asked.Message, instant(p.TouchedAt), instant(p.ClosedAt), p.ID)
		if err == nil && n == 0 {
			return ticket.NewError(ticket.CodeNotFound, "update a parcel: there is none", nil)
		}
		return err
	})
}

// CloseParcel closes a parcel to which nothing was added since a time.
func (a parcels) CloseParcel(ctx context.Context, id int64, since time.Time) (closed bool, err error) {
	err = a.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "close a parcel", `UPDATE parcels SET closed_at = ?
			WHERE id = ? AND closed_at IS NULL AND touched_at <= ?`, instant(t.now), id, instant(since))
		closed = n == 1
		return err
	})
	return closed, err
}

// Parcel finds a parcel.
func (a parcels) Parcel(ctx context.Context, id int64) (ticket.Parcel, error) {
	return one[parcelRow](ctx, a.s.queries, "find a parcel", func(db *gorm.DB) *gorm.DB {
		return db.Where("id = ?", id)
	})
}

// ParcelAt finds the parcel that the file in a message belongs to.
func (a parcels) ParcelAt(ctx context.Context, chat int64, message int) (ticket.Parcel, error) {
	return one[parcelRow](ctx, a.s.queries, "find a message's parcel", func(db *gorm.DB) *gorm.DB {
		return db.Where("id = (SELECT parcel_id FROM parcel_files WHERE chat_id = ? AND message_id = ?)", chat, message)
	})
}

// AlbumParcel finds the newest parcel with an album.
func (a parcels) AlbumParcel(ctx context.Context, chat int64, album string) (ticket.Parcel, error) {
	return one[parcelRow](ctx, a.s.queries, "find an album's parcel", func(db *gorm.DB) *gorm.DB {
		return db.Where("chat_id = ? AND album = ? AND album <> ''", chat, album).Order("id DESC")
	})
}

// ParcelsOf lists the parcels of a sender that were touched since a time.
func (a parcels) ParcelsOf(ctx context.Context, chat, sender int64, since time.Time) ([]ticket.Parcel, error) {
	return all[parcelRow](ctx, a.s.queries, "list a sender's parcels", func(db *gorm.DB) *gorm.DB {
		return db.Where("chat_id = ? AND sender_id = ? AND touched_at >= ?", chat, sender, instant(since)).Order("id DESC")
	})
}

// AddToParcel adds a file, once.
func (a parcels) AddToParcel(ctx context.Context, id int64, f ticket.ParcelFile) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "add to a parcel", `
			INSERT INTO parcel_files (chat_id, message_id, topic_id, parcel_id, file_id, unique_id, size, fault)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			f.Source.Chat, f.Source.Message, f.Source.Topic, id, f.File.FileID, f.File.UniqueID, f.File.Size, f.Fault)
		return err
	})
}

// ParcelFiles lists the files of a parcel: messages are numbered as they are
// sent.
func (a parcels) ParcelFiles(ctx context.Context, id int64) ([]ticket.ParcelFile, error) {
	return all[parcelFileRow](ctx, a.s.queries, "list a parcel's files", func(db *gorm.DB) *gorm.DB {
		return db.Where("parcel_id = ?", id).Order("message_id")
	})
}

// DropParcels forgets the parcels that were touched before a time, with their
// files.
func (a parcels) DropParcels(ctx context.Context, before time.Time) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "drop parcels", `DELETE FROM parcels WHERE touched_at < ?`, instant(before))
		return err
	})
}
