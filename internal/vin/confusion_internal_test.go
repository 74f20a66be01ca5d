package vin

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestPairsAreOfVINCharactersAndStandOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, pairs := range []string{likelyPairs, lessPairs} {
		assert.Zero(t, len(pairs)%2)
		for i := 0; i < len(pairs); i += 2 {
			pair, reverse := pairs[i:i+2], string([]byte{pairs[i+1], pairs[i]})
			assert.True(t, isNormal(pair), pair)
			assert.NotEqual(t, pair, reverse)
			assert.False(t, seen[pair] || seen[reverse], "%s stands twice", pair)
			seen[pair] = true
		}
	}
	assert.True(t, isNormal(keyPairs))
	assert.Zero(t, len(keyPairs)%2)
}

func TestForeignLikesAreOfVINCharacters(t *testing.T) {
	t.Parallel()
	found := 0
	for r := rune(0); r < 0x2200; r++ {
		likes := foreignLikes(r)
		assert.True(t, isNormal(likes), "%q", r)
		if likes != "" {
			found++
			assert.Greater(t, utf8.RuneLen(r), 0)
			to, _ := fold(r)
			assert.False(t, isVINCharacter(to), "%q is folded already", r)
		}
	}
	assert.Equal(t, 41, found)
	assert.Equal(t, "L", foreignLikes('£'))
}
