package vin

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestClassTablesAgreeWithTheSlowWay(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= 0x2FFF; r++ {
		class, size := classAt(string(r), 0)
		assert.Equal(t, classOf(r), class, "%q", r)
		assert.Equal(t, utf8.RuneLen(r), size)
	}
	for _, broken := range []string{"\xd0", "\xd0A", "\xd1\xd0", "\xff"} {
		class, size := classAt(broken, 0)
		assert.Equal(t, byte(classHard), class)
		assert.Equal(t, 1, size)
	}
	for r, want := range map[rune]byte{
		'Ａ': 'A', '１': '1', 'ｏ': 0x10, 'О': 0x10, 'З': 0x13, 'i': 0x11, '　': classSpace, '－': classDash, '．': classPoint, '⭐': classPoint,
		'—': classDash, '\u200b': classUnseen, '\ufe0f': classUnseen, '漢': classForeign, '²': classForeign,
		'ä': classForeign, '/': classHard, ',': classHard, '🚗': classHard, '№': classHard,
	} {
		assert.Equal(t, want, classOf(r), "%q", r)
	}
}

func TestClassesAreReadAsNormalizingReads(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= 0x2FFF; r++ {
		class, _ := classAt(string(r), 0)
		to, _ := fold(r)
		if class > classUnseen && class != classForeign {
			assert.Equal(t, to, rune(readAs(class)), "%q", r)
			assert.Equal(t, r == to && isDigit(byte(to)), class&markDigit != 0, "%q", r)
		} else {
			assert.False(t, isVINCharacter(to), "%q", r)
		}
	}
}
