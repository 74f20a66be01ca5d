package ticket

import (
	"time"

	"vinbot/internal/vin"
)

// Effect is something to be done outside the program after the commit: a
// message, an edit, a download. Its payload carries ids, not texts: what
// people read is rendered when it is sent, so it is never stale.
type Effect struct {
	Kind EffectKind
	// Lane is the order key: effects for one chat that share one go in order.
	// Those of different lanes or chats go in parallel, so that a group that
	// cannot be written to keeps nothing from another.
	Lane string
	// Chat is the Telegram chat whose rate limit the effect counts against;
	// 0 where it is no message.
	Chat int64
	// Urgency decides who goes first when not all can.
	Urgency Urgency
	// Merge makes one of several effects of a kind that share the key while
	// they wait; empty for effects that must all happen. One in flight never
	// absorbs a newer one.
	Merge string
	// Gather lets effects of a kind that share it be carried out as one where a
	// chat's limit holds many of them back; empty for those that go alone.
	Gather string
	// Payload is one of the payload types below; it is stored as JSON.
	Payload any
	// TicketID for logs and the panel; 0 for none.
	TicketID int64
	// After delays it.
	After time.Duration
	// Fleeting effects live in memory and go out right after the commit: a
	// crash makes them worthless anyway (answers to button presses, the 👀).
	Fleeting bool
}

// Urgency is who goes first: lower numbers do.
type Urgency int

// The urgencies.
const (
	ForOwner   Urgency = 0 // answers and reports to owners
	ForGroup   Urgency = 1 // replies to managers: a part of a group's limit is kept for them
	ForCard    Urgency = 2 // what managers wait for without having asked: cards of tickets that they have not seen
	ForShown   Urgency = 3 // more about tickets that managers can see: their cards beside a digest, reminders
	ForEdit    Urgency = 4 // edits of what is there already
	Background Urgency = 5 // checks, archive: no chat waits for a limit
)

// EffectKind names who carries an effect out.
type EffectKind string

// The kinds, each with the payload it carries.
const (
	EffectSay            EffectKind = "say"             // Say: a text to a private chat or a group
	EffectRetract        EffectKind = "retract"         // Retract: buttons of an old message removed
	EffectCardPost       EffectKind = "card.post"       // CardRef
	EffectCardEdit       EffectKind = "card.edit"       // CardRef with Message
	EffectDigestEdit     EffectKind = "digest.edit"     // DigestRef
	EffectPressAnswer    EffectKind = "press.answer"    // PressAnswer, fleeting
	EffectReaction       EffectKind = "reaction"        // Reaction
	EffectReportCheck    EffectKind = "report.check"    // ReportRef
	EffectReportQuestion EffectKind = "report.question" // ReportRef: ask the manager
	EffectReportDeliver  EffectKind = "report.deliver"  // ReportRef
	EffectReportStore    EffectKind = "report.store"    // ReportRef: kept for an owner who fetches it
	EffectReportArchive  EffectKind = "report.archive"  // ReportRef
	EffectParcelClose    EffectKind = "parcel.close"    // ParcelRef: what is in it becomes a report
	EffectAsk            EffectKind = "talk.ask"        // LineRef: a manager's question to the owner
	EffectAnswer         EffectKind = "talk.answer"     // LineRef with To: an owner's answer to a group
	EffectReportErase    EffectKind = "report.erase"    // ReportFile
	EffectCopyUnclaimed  EffectKind = "copy.unclaimed"  // Copy: a stored file that no report names is erased
	EffectDelete         EffectKind = "message.delete"  // Deletion: of a message of ours
	EffectReportAgain    EffectKind = "report.again"    // ReportRef: a file of a delivered one once more, for its owner
	EffectStars          EffectKind = "stars"           // StarsRef: the rating below a report shown
	EffectMine           EffectKind = "mine"            // MineRef: an owner's tickets
	EffectStats          EffectKind = "stats"           // Stats
	EffectRemind         EffectKind = "sla.remind"      // Reminder
	EffectBacklog        EffectKind = "sla.backlog"     // Backlog
	EffectForget         EffectKind = "forget"          // ErasureRef: a person is erased
	EffectFarewell       EffectKind = "forget.farewell" // ErasureRef: … and told so
	EffectScrub          EffectKind = "scrub"           // nothing: what was erased leaves the database's files
	EffectLeaveChat      EffectKind = "chat.leave"      // ChatRef
	EffectCommands       EffectKind = "commands"        // ChatRef: register the commands (0: private chats)
	EffectList           EffectKind = "list"            // List: tickets that a manager asks for
	EffectPanelLink      EffectKind = "panel.link"      // LinkRef: a way into the panel, for one person
)

// Say is a text to a chat. Text names one of the message room's texts; the
// other fields are what that text may need. Without a Text nothing is said: it
// holds the place of what shares its merge key.
type Say struct {
	Text    string     `json:"text"`
	To      Place      `json:"to"`             // Message: what it replies to, 0 for nothing
	User    int64      `json:"user,omitempty"` // whose language; 0: the default
	Ticket  int64      `json:"ticket,omitempty"`
	Report  int64      `json:"report,omitempty"`
	VIN     string     `json:"vin,omitempty"`
	Input   string     `json:"input,omitempty"`  // what the person sent, where it is shown back
	Reason  string     `json:"reason,omitempty"` // a code of vin or ticket
	Spot    int        `json:"spot,omitempty"`
	Changes []Swap     `json:"changes,omitempty"`
	Name    string     `json:"name,omitempty"`
	Count   int        `json:"count,omitempty"`
	Mention int64      `json:"mention,omitempty"` // the person whom Name names, and who is told of it
	Prompt  PromptKind `json:"prompt,omitempty"`  // what a text in reply to it is taken for
	Year    int        `json:"year,omitempty"`    // the calendar year in which a VIN was sent: model years are read by it
	Limit   int        `json:"limit,omitempty"`   // the most that an owner may have; how many files there are
	File    int        `json:"file,omitempty"`    // which of several files is meant, from 1
	Wait    int        `json:"wait,omitempty"`    // seconds until it may be tried again

	Repairs []vin.Candidate `json:"repairs,omitempty"` // what may have been meant: each is offered as a button
	Numbers []Number        `json:"numbers,omitempty"` // of a message that holds several, in its order
}

// Number is one of several numbers that an owner sent in one message.
type Number struct {
	VIN    string `json:"vin"`              // as it was sent where there is no ticket
	Ticket int64  `json:"ticket,omitempty"` // 0: none, by Reason; without a reason it was one too many
	// Question is one about the ticket which the owner may have answered.
	Question int64  `json:"question,omitempty"`
	Known    bool   `json:"known,omitempty"`  // the ticket was open before
	Reason   string `json:"reason,omitempty"` // a code of vin; of a ticket's VIN it is a hint
}

// List asks for a list of tickets, which is read when it is sent.
type List struct {
	Kind ListKind `json:"kind"`
	To   Place    `json:"to"`             // Message: the question, which the list answers
	User int64    `json:"user,omitempty"` // whose, of [ListMine]
	VIN  string   `json:"vin,omitempty"`  // of [ListFound]: a VIN, or the end of one
	Page int      `json:"page,omitempty"` // of [ListQueue], from 1
}

// Stats asks for the statistics of a period, which are counted when they are
// sent.
type Stats struct {
	To     Place  `json:"to"` // Message: the question
	Period string `json:"period"`
}

// ListKind is which tickets a list shows.
type ListKind string

// The lists.
const (
	ListQueue ListKind = "queue" // what nobody has taken
	ListMine  ListKind = "mine"  // what a manager has in hand
	ListFound ListKind = "found" // by VIN
)

// Swap is one character of an owner's VIN that was read as another.
type Swap struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Retract removes the buttons of a message of ours.
type Retract struct {
	At Place `json:"at"`
}

// Deletion deletes a message of ours. What is too old to be deleted is
// overwritten by the text that Instead names, or loses its buttons where that
// is empty.
type Deletion struct {
	At      Place  `json:"at"`
	Instead string `json:"instead,omitempty"`
}

// CardRef is a ticket's card in a chat; Message is 0 while it is not posted.
type CardRef struct {
	Ticket int64 `json:"ticket"`
	At     Place `json:"at"`
	// Again posts another although one stands there, as a reply to ReplyTo.
	Again   bool `json:"again,omitempty"`
	ReplyTo int  `json:"reply_to,omitempty"`
	// WhileOpen: a ticket that is closed by then needs no card.
	WhileOpen bool `json:"while_open,omitempty"`
}

// DigestRef is a digest.
type DigestRef struct {
	At Place `json:"at"`
}

// PressAnswer answers a button press, with a text of the message room.
type PressAnswer struct {
	Press  string `json:"press"` // callback query id
	Text   string `json:"text,omitempty"`
	Alert  bool   `json:"alert,omitempty"`
	User   int64  `json:"user,omitempty"`
	Ticket int64  `json:"ticket,omitempty"`
	Name   string `json:"name,omitempty"`
	Count  int    `json:"count,omitempty"`
	Wait   int    `json:"wait,omitempty"` // seconds until it may be tried again
	URL    string `json:"url,omitempty"`
}

// Reaction puts an emoji on a message. Fallback names the text that is sent
// as a reply where reactions are forbidden; empty for none.
type Reaction struct {
	On       Place  `json:"on"`
	Emoji    string `json:"emoji"`
	Fallback string `json:"fallback,omitempty"`
	Ticket   int64  `json:"ticket,omitempty"`
}

// ReportRef is a report, or one of its files.
type ReportRef struct {
	Report int64 `json:"report"`
	File   int   `json:"file,omitempty"` // of several: its number, from 1
}

// LineRef is a message between managers and an owner; To is where an answer
// goes.
type LineRef struct {
	Line int64 `json:"line"`
	To   Place `json:"to"`
}

// ReportFile is what is kept of a report's file: in the archive under Key,
// empty for nothing, and perhaps on its way there.
type ReportFile struct {
	Report int64  `json:"report"`
	File   int    `json:"file,omitempty"` // its number, from 1, where it is not the first
	Key    string `json:"key,omitempty"`
}

// MineRef asks for a page of an owner's tickets, the first of which is 1: as an
// edit where To names a message, else as a message of its own.
type MineRef struct {
	User int64 `json:"user"`
	Page int   `json:"page"`
	To   Place `json:"to"`
}

// StarsRef is the message with the buttons by which a ticket is rated.
type StarsRef struct {
	Ticket int64 `json:"ticket"`
	At     Place `json:"at"`
}

// ErasureRef is the wish of a person to be forgotten.
type ErasureRef struct {
	Erasure int64 `json:"erasure"`
}

// LinkRef asks for a link into the panel, which is made when it is sent, so that
// no row holds a secret.
type LinkRef struct {
	User int64 `json:"user"`
	To   Place `json:"to"`
}

// ChatRef is a chat.
type ChatRef struct {
	Chat int64 `json:"chat"`
}
