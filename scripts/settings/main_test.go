package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePageOfSettingsIsOfTheProgram(t *testing.T) {
	kept, err := os.ReadFile("../../docs/settings.md")
	require.NoError(t, err)
	var now strings.Builder
	require.NoError(t, write(&now))
	assert.Equal(t, string(kept), now.String(), "make docs writes it anew")
	assert.Contains(t, now.String(), "| `BOT_TOKEN`, required, secret |  | The token that BotFather gave.")
}
