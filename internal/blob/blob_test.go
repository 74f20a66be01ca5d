package blob

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	good := []string{"a", "0", "reports/2026/11/42.pdf", "a-b_c.d", "-", "_", "a..b", strings.Repeat("a/", 100) + "b"}
	for _, key := range good {
		assert.NoError(t, checkKey(key), key)
	}
	bad := []string{
		"", ".", "..", "/", "/a", "a/", "a//b", "./a", "a/./b", "a/../b", "../a", ".incoming/x", "a/.hidden",
		"A", "ä", "a b", "a\\b", "a\x00b", "a\nb", "a:b", "a%2e", "\xff",
		strings.Repeat("a", maxSegment+1), strings.Repeat("a/", maxKey/2) + "b",
	}
	for _, key := range bad {
		assert.ErrorIs(t, checkKey(key), ErrKey, "%q", key)
	}
}

// A refused key may come from far away: its end is not quoted.
func TestRefusedKeyIsQuotedInPart(t *testing.T) {
	t.Parallel()
	err := checkKey(strings.Repeat("X", 1000))
	require.ErrorIs(t, err, ErrKey)
	assert.Less(t, len(err.Error()), 200)
}
