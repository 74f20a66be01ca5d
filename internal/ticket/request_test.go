package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

func TestRequestIDTravelsInTheContext(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	assert.Empty(t, ticket.RequestID(ctx))

	outer := ticket.WithRequestID(ctx, "a1")
	assert.Equal(t, "a1", ticket.RequestID(outer))
	assert.Equal(t, "b2", ticket.RequestID(ticket.WithRequestID(outer, "b2")))
	assert.Equal(t, "a1", ticket.RequestID(ticket.WithRequestID(outer, "")), "no id takes none away")
	assert.Equal(t, "a1", ticket.RequestID(outer), "the outer context keeps its own")
}
