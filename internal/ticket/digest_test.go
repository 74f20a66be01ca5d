package ticket_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

var digestAt = ticket.Place{Chat: group, Message: 70}

// digested opens so many tickets, which a digest shows.
func (w *world) digested(n int) (all []ticket.Ticket) {
	for i := range n {
		k, _, err := w.Open(context.Background(), ticket.Opening{Owner: owner + int64(i), VIN: vin})
		require.NoError(w.t, err)
		all = append(all, k)
	}
	require.NoError(w.t, w.DigestPosted(context.Background(), digestAt, all))
	w.effects = nil
	return all
}

func (w *world) lines() (ids []int64) {
	lines, err := w.Digest(context.Background(), digestAt.Chat, digestAt.Message)
	require.NoError(w.t, err)
	for _, l := range lines {
		ids = append(ids, l.TicketID)
	}
	return ids
}

func TestADigestIsRememberedWithWhatItShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.digested(3)
	assert.Equal(t, []int64{1, 2, 3}, w.lines())
	for _, c := range w.cards {
		assert.Equal(t, ticket.CardDigest, c.Kind)
		assert.Equal(t, all[c.TicketID-1].Version, c.Rendered)
		assert.Equal(t, w.now, c.PostedAt)
	}
	assert.Empty(t, w.effects, "it shows the truth")
}

func TestTakingFromADigestShowsThereAndPostsACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.digested(3)
	_, outcome, err := w.Take(t.Context(), 2, anna())
	require.NoError(t, err)
	assert.Equal(t, ticket.TakenNow, outcome)
	require.Len(t, w.effects, 3)
	assert.Equal(t, ticket.Effect{
		Kind: "card.post", Lane: "beside:2:0", Chat: group, Urgency: ticket.ForShown, TicketID: 2, Merge: "beside:2:0:-7",
		Payload: ticket.CardRef{Ticket: 2, At: ticket.Place{Chat: group}, WhileOpen: true},
	}, w.effects[0], "beside the digest, when there is room")
	assert.Equal(t, ticket.Effect{
		Kind: "digest.edit", Lane: "message:-7:70", Chat: group, Urgency: ticket.ForEdit, Merge: "message:-7:70",
		Payload: ticket.DigestRef{At: digestAt},
	}, w.effects[1])
	assert.Equal(t, ticket.EffectSay, w.effects[2].Kind)

	w.effects = nil
	require.NoError(t, w.CardPosted(t.Context(), shown(w.tickets[2], group, 71)))
	r := w.receive(2, 80, anna())
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
	for _, e := range w.effects {
		assert.NotEqual(t, ticket.EffectCardPost, e.Kind, "it has a card by now")
	}
}

func TestADigestThatIsStaleWhenItArrivesIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []ticket.Ticket
	for i := range 3 {
		k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner + int64(i), VIN: vin})
		require.NoError(t, err)
		all = append(all, k)
	}
	_, _, err := w.Take(t.Context(), 1, anna())
	require.NoError(t, err)
	delete(w.tickets, 3)
	w.effects = nil
	require.NoError(t, w.DigestPosted(t.Context(), digestAt, all))
	assert.Equal(t, []int64{1, 2}, w.lines(), "what was deleted meanwhile is no part of it")
	require.Len(t, w.effects, 2)
	assert.Equal(t, ticket.CardBesides(1, ticket.Place{Chat: group}), w.effects[0])
	assert.Equal(t, ticket.DigestEdit(digestAt), w.effects[1])
}

func TestADigestThatIsGoneLeavesNoOpenTicketUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.digested(3)
	_, _, err := w.Cancel(t.Context(), 2, all[1].OwnerID)
	require.NoError(t, err)
	w.effects = nil
	require.NoError(t, w.DigestGone(t.Context(), digestAt))
	assert.Empty(t, w.lines())
	assert.Equal(t, []ticket.Effect{
		ticket.CardPost(1, ticket.Place{Chat: group}), ticket.CardPost(3, ticket.Place{Chat: group}),
	}, w.effects)
}

func TestTheTicketsOfADigestFollowTheirGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.digested(2)
	w.moved[group], w.groups = -1007, []ticket.Place{{Chat: -1007}}
	require.NoError(t, w.GroupMoved(t.Context(), group, -1007))
	there := ticket.Place{Chat: -1007}
	assert.Equal(t, []ticket.Effect{
		ticket.Announce(ticket.Say{Text: ticket.TextGroupMigrated}, there), ticket.Commands(-1007),
		ticket.CardPost(1, there), ticket.CardPost(2, there),
	}, w.effects)

	w.effects = nil
	_, _, err := w.Take(t.Context(), 1, anna())
	require.NoError(t, err)
	require.Len(t, w.effects, 2)
	assert.Equal(t, ticket.DigestEdit(digestAt), w.effects[0], "the old one can still be edited, and gets no card beside it")

	late := newWorld(t)
	k, _, err := late.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	late.moved[group], late.groups, late.effects = -1007, []ticket.Place{{Chat: -1007}}, nil
	require.NoError(t, late.DigestPosted(t.Context(), digestAt, []ticket.Ticket{k}))
	assert.Equal(t, []ticket.Effect{ticket.CardPost(1, there)}, late.effects, "it arrived in the group that moved")
}

func TestAWordAboutATicketBelongsUnderItsOwnCard(t *testing.T) {
	t.Parallel()
	card := func(kind ticket.CardKind, chat int64, message int) ticket.Card {
		return ticket.Card{Kind: kind, Place: ticket.Place{Chat: chat, Message: message}}
	}
	line, own, note, far := card(ticket.CardDigest, -7, 1), card(ticket.CardMain, -7, 2), card(ticket.CardNote, -7, 3), card(ticket.CardDigest, -8, 1)
	assert.Equal(t, []ticket.Card{own, far}, ticket.Standing([]ticket.Card{line, own, note, far}))
	assert.Empty(t, ticket.Standing([]ticket.Card{note}))
}
