package ticket

import (
	"context"
	"time"
)

// Parcel is what one person sent together in a managers' group: the items of an
// album, or the PDFs that followed a /done. Telegram brings each file by itself
// and says of none that it is the last, so that a parcel is held until no more
// come; what any of its messages says of the ticket holds for all.
type Parcel struct {
	ID     int64
	Chat   int64
	Sender int64  // who sent the files; a chat, where it hides the person
	Album  string // Telegram's name of it, empty for none
	// Claim says that it began with a /done, and waited for its files.
	Claim bool
	// Ticket is what the files are for; 0 while nothing says it.
	Ticket int64
	By     Actor // who said so
	// Asked is the message in which something was said about the files: what is
	// wrong with them is answered there.
	Asked     Place
	TouchedAt time.Time // when something was added last
	// ClosedAt is when the files became a report, or were refused; zero before.
	ClosedAt time.Time
}

// Closed reports whether the parcel was dealt with.
func (p Parcel) Closed() bool { return !p.ClosedAt.IsZero() }

// How long is waited for more files: the items of an album come in one go, those
// that are sent one by one are uploaded one by one. And for how long a /done
// claims what its sender sends.
const (
	albumQuiet = 2 * time.Second
	looseQuiet = 5 * time.Second
	ClaimFor   = 2 * time.Minute
	// ParcelKept is how long the files of an album are known by which nobody
	// said what they are for.
	ParcelKept = 48 * time.Hour
)

// Ends is when the parcel is complete, unless something is added before.
func (p Parcel) Ends() time.Time {
	if p.Album == "" {
		return p.TouchedAt.Add(looseQuiet)
	}
	return p.TouchedAt.Add(albumQuiet)
}

// ParcelFile is a file of a parcel, and the message that it came in.
type ParcelFile struct {
	Source Place
	File   File
	Fault  string // a Reason… why it will not do, as far as Telegram tells
}

// ParcelRef is a parcel.
type ParcelRef struct {
	Parcel int64 `json:"parcel"`
}

// Parcels is where they are held. Every method joins the transaction that ctx
// carries. What does not exist is a [CodeNotFound] error.
type Parcels interface {
	// InsertParcel stores a parcel and sets its ID.
	InsertParcel(ctx context.Context, p *Parcel) error
	// UpdateParcel writes what may change of one.
	UpdateParcel(ctx context.Context, p Parcel) error
	// CloseParcel closes one to which nothing was added since a time, and reports
	// whether this call did it.
	CloseParcel(ctx context.Context, id int64, since time.Time) (bool, error)
	Parcel(ctx context.Context, id int64) (Parcel, error)
	// ParcelAt finds the parcel that the file in a message belongs to.
	ParcelAt(ctx context.Context, chat int64, message int) (Parcel, error)
	// AlbumParcel finds the newest parcel with an album.
	AlbumParcel(ctx context.Context, chat int64, album string) (Parcel, error)
	// ParcelsOf lists the parcels of a sender that were touched since a time, the
	// newest first.
	ParcelsOf(ctx context.Context, chat, sender int64, since time.Time) ([]Parcel, error)
	// AddToParcel adds a file, once.
	AddToParcel(ctx context.Context, id int64, f ParcelFile) error
	// ParcelFiles lists the files of a parcel in the order in which they were sent.
	ParcelFiles(ctx context.Context, id int64) ([]ParcelFile, error)
	// DropParcels forgets the parcels that were touched before a time.
	DropParcels(ctx context.Context, before time.Time) error
}
