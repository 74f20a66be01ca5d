package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// Who may use it is looked at when the answer is sent.
func TestWhoWantsThePanelIsAnsweredLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.text("/panel")
	require.Len(t, effects, 1)
	assert.Equal(t, ticket.EffectPanelLink, effects[0].Kind)
	assert.Equal(t, ticket.LinkRef{User: ivan, To: ticket.Place{Chat: ivan}}, effects[0].Payload)
	assert.Equal(t, ticket.ForOwner, effects[0].Urgency)
}
