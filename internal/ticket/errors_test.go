package ticket_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

func TestErrorsKeepTheirCodeAndCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	err := ticket.NewError(ticket.CodeUnavailable, "cannot write", cause)
	wrapped := fmt.Errorf("open a ticket: %w", err)
	assert.Equal(t, "open a ticket: cannot write: disk full", wrapped.Error())
	assert.ErrorIs(t, wrapped, cause)
	assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(wrapped))
	assert.Equal(t, ticket.CodeInternal, ticket.CodeOf(cause))
	assert.Equal(t, "gone", ticket.NewError(ticket.CodeNotFound, "gone", nil).Error())
	assert.True(t, ticket.IsNotFound(fmt.Errorf("x: %w", ticket.NewError(ticket.CodeNotFound, "gone", nil))))
	assert.False(t, ticket.IsNotFound(wrapped))
	assert.False(t, ticket.IsNotFound(nil))
}
