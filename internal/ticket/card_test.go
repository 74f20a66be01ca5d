package ticket_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// shown is the ticket's card as a message of the group.
func shown(k ticket.Ticket, chat int64, message int) ticket.Card {
	return ticket.Card{
		TicketID: k.ID, Place: ticket.Place{Chat: chat, Message: message}, Kind: ticket.CardMain, Rendered: k.Version,
	}
}

func TestACardThatShowsAnOldStateIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	_, _, err = w.Take(t.Context(), k.ID, anna()) // while the card is under way
	require.NoError(t, err)
	w.told()
	require.NoError(t, w.CardPosted(t.Context(), shown(k, group, 50)))
	assert.Equal(t, "-7:50", w.effects[0].Merge, "edits of a card that wait are one")
	assert.Equal(t, ticket.ForEdit, w.effects[0].Urgency)
	assert.Equal(t, []string{"card.edit 1 in -7:50"}, w.told())

	require.NoError(t, w.CardPosted(t.Context(), shown(w.tickets[k.ID], group, 50)))
	assert.Empty(t, w.told(), "it shows the present state")
	code(t, ticket.CodeNotFound, w.CardPosted(t.Context(), ticket.Card{TicketID: 77}))
}

func TestANoteIsNotEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	note := shown(k, group, 51)
	note.Kind, note.Rendered = ticket.CardNote, 0
	require.NoError(t, w.CardPosted(t.Context(), note))
	_, _, err := w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "say owner.taken  to 100"}, w.told())
}

func TestACardThatIsGoneIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.groups = []ticket.Place{{Chat: group, Topic: 4}}
	k := w.opened()
	require.NoError(t, w.CardGone(t.Context(), k.ID, ticket.Place{Chat: group, Topic: 4, Message: 50}))
	assert.Empty(t, w.cards)
	assert.Equal(t, ticket.CardRef{Ticket: k.ID, At: ticket.Place{Chat: group, Topic: 4}}, w.effects[0].Payload)
	assert.Equal(t, []string{"card.post 1 in -7:0"}, w.told())
}

// migrated has the group become a supergroup.
func (w *world) migrated(to int64, topic int) {
	w.groups = []ticket.Place{{Chat: to, Topic: topic}}
	w.moved[group] = to
}

func TestOpenCardsArePostedAgainInTheSupergroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	pending, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
	require.NoError(t, err)
	finished, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner + 1, VIN: vin})
	require.NoError(t, err)
	require.NoError(t, w.CardPosted(t.Context(), shown(finished, group, 52)))
	w.closed(finished.ID, ticket.Done)
	w.told()

	w.migrated(-1001, 6)
	require.NoError(t, w.GroupMoved(t.Context(), group, -1001))
	assert.Equal(t, ticket.Say{Text: ticket.TextGroupMigrated, To: ticket.Place{Chat: -1001, Topic: 6}}, w.effects[0].Payload)
	post := w.effects[2]
	assert.Equal(t, ticket.CardRef{Ticket: k.ID, At: ticket.Place{Chat: -1001, Topic: 6}}, post.Payload)
	assert.Equal(t, int64(-1001), post.Chat)
	assert.Equal(t, []string{
		"say group.migrated  to -1001", "commands {Chat:-1001}", fmt.Sprintf("card.post %d in -1001:0", k.ID),
	}, w.told(), "not the closed one's, nor one that goes there by itself since it was not posted yet")

	// That one may have been accepted by the old group in the last moment.
	require.NoError(t, w.CardPosted(t.Context(), shown(pending, group, 53)))
	assert.Equal(t, []string{fmt.Sprintf("card.post %d in -1001:0", pending.ID)}, w.told())
	require.NoError(t, w.CardPosted(t.Context(), shown(pending, -1001, 3)))
	assert.Empty(t, w.told())

	_, _, err = w.Take(t.Context(), pending.ID, anna())
	require.NoError(t, err)
	assert.Equal(t, []string{"card.edit 2 in -7:53", "card.edit 2 in -1001:3", "say owner.taken  to 100"}, w.told(),
		"old cards stay editable in the old chat")
	require.NoError(t, w.CardGone(t.Context(), pending.ID, ticket.Place{Chat: group, Message: 53}))
	assert.Equal(t, []string{"card.post 2 in -1001:0"}, w.told(), "nothing is posted where nobody reads")
}

func TestAGroupThatIsNotOursAnyMoreGetsItsCardWhereItIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opened()
	w.groups = nil
	require.NoError(t, w.GroupMoved(t.Context(), group, -1001))
	assert.Contains(t, w.told(), "card.post 1 in -1001:0")
}

func TestRefreshEditsEveryOpenTicketsCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 1203 // more than are read at a time
	for i := range many {
		k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner + int64(i), VIN: vin})
		require.NoError(t, err)
		require.NoError(t, w.CardPosted(t.Context(), shown(k, group, 1000+i)))
	}
	w.closed(7, ticket.Done)
	w.told()
	open, err := w.Refresh(t.Context())
	require.NoError(t, err)
	assert.Equal(t, many-1, open)
	assert.Len(t, w.told(), many-1)
}
