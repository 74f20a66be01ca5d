package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

func TestWordsAreWhatSomebodySees(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " \t\n": "", "\u200b": "", "\u00ad \u2060": "", "\x00\x1b": "", " нет данных\n": "нет данных", "🏴\U000e0067\U000e007f": "🏴\U000e0067\U000e007f",
	} {
		assert.Equal(t, want, ticket.Words(text), "%q", text)
	}
}
